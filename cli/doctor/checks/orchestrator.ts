import { askServer, type ServerAnswer } from '../ask-server.ts';
import { type Check, EVERYWHERE, fail, ok, type Role, skipped, type Verdict, warn } from '../check.ts';
import { explain } from '../explain.ts';
import { isThisMachine } from '../this-machine.ts';

const NAME_IT =
  'set ORCA_WEB_SERVER_HOST to the host and port of the API server, such as https://orca.example.edu';

/** @param answer what it answered, or what hindered it */
export function judgeServer(server: URL, answer: ServerAnswer | Error, role: Role): Verdict {
  if (answer instanceof Error) {
    // A server that is not up yet is the other half of a machine that is being set up.
    const judge = role === 'worker' ? fail : warn;
    return judge(
      `Nothing answers at ${server.origin}: ${explain(answer.cause ?? answer)}`,
      role === 'worker'
        ? `start the API server there (systemctl start orca-server, or npm run server in orchestrator/), let its firewall pass this machine, or ${NAME_IT}`
        : 'start it: systemctl start orca-server, or npm run server in orchestrator/ (outside of production, ./orca up)',
    );
  }
  if (answer.isOrca)
    return ok(`The API server answers at ${server.origin}, with ${answer.jobs} jobs waiting`);
  return fail(`What answers at ${server.origin} is no Orca, or not well: status ${answer.status}`, NAME_IT);
}

/** What anybody on the way can read: jobs, results, keys, the token of a worker. */
export function judgePlainHttp({
  server,
  isProduction,
  listens,
}: {
  readonly server: URL;
  readonly isProduction: boolean;
  readonly listens: string | null;
}): Verdict {
  if (!isProduction) return ok('This is not production: plain HTTP is in order');
  if (listens !== null && !isThisMachine(listens))
    return warn(
      `The API listens on ${listens} in plain HTTP: keys of course sites can be read on their way`,
      'set ORCA_LISTEN_ADDRESS=127.0.0.1 and put a reverse proxy with TLS before it',
    );
  if (server.protocol === 'http:' && !isThisMachine(server.href))
    return warn(
      `ORCA_WEB_SERVER_HOST is plain HTTP (${server.origin}): images and this worker's token can be read on their way`,
      'put a reverse proxy with TLS before the API server, and write https:// into ORCA_WEB_SERVER_HOST',
    );
  return ok('Nothing of the API goes over a network in plain HTTP');
}

/** In production the API listens everywhere unless it is told otherwise. */
function listenAddress(text: string): string {
  return text === '' ? '0.0.0.0' : text;
}

/** The API server, seen from here. */
export const orchestratorChecks: readonly Check[] = [
  {
    name: 'orchestrator',
    roles: EVERYWHERE,
    async run({ server, role }, signal) {
      if (server === null) return fail('ORCA_WEB_SERVER_HOST is no http(s) address', NAME_IT);
      const answer = await askServer(server, signal).catch((error: unknown) =>
        error instanceof Error ? error : new Error(String(error)),
      );
      return judgeServer(server, answer, role);
    },
  },
  {
    name: 'orchestrator.http',
    roles: EVERYWHERE,
    async run({ server, role, isProduction, settings }) {
      if (server === null) return skipped('ORCA_WEB_SERVER_HOST is no address');
      const listens = role === 'worker' ? null : listenAddress(settings.text('ORCA_LISTEN_ADDRESS'));
      return judgePlainHttp({ server, isProduction, listens });
    },
  },
];
