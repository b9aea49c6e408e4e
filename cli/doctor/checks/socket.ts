import { readFile, stat } from 'node:fs/promises';
import { parseDockerHost } from '@orca/docker';
import { type Check, EVERYWHERE, fail, ok, skipped, type Verdict, warn } from '../check.ts';
import { isThisMachine } from '../this-machine.ts';

/** What the system says of the engine's socket. */
export interface SocketFacts {
  readonly path: string;
  readonly mode: number;
  /** The name of its group, or its number where it has none. */
  readonly group: string;
}

const OTHERS = 0o006;
const PERMISSIONS = 0o777;
/** Where an engine listens without TLS. */
const PLAIN_PORT = 2375;
const LISTENING = '0A';
const GROUPS_FILE = '/etc/group';
const SOCKET_TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];

/** Whoever may write to the socket is root on this machine. */
export function judgeSocket({ path, mode, group }: SocketFacts): Verdict {
  const shown = (mode & PERMISSIONS).toString(8).padStart(4, '0');
  if ((mode & OTHERS) !== 0)
    return fail(
      `Every user of this machine may use ${path} (mode ${shown}), and so be root`,
      `sudo chmod o-rwx ${path}; the unit docker.socket has SocketMode=0660`,
    );
  return ok(`${path} is for root and the group ${group} only (mode ${shown})`);
}

/** An engine that is reached over TCP: Orca speaks plain HTTP to it. */
export function judgeTcp(dockerHost: string, isProduction: boolean): Verdict {
  if (isThisMachine(dockerHost.replace(/^tcp:/, 'http:')))
    return warn(
      `DOCKER_HOST is ${dockerHost}: every user of this machine may use the engine, and so be root`,
      'use its Unix socket: DOCKER_HOST=unix:///var/run/docker.sock',
    );
  const judge = isProduction ? fail : warn;
  return judge(
    `DOCKER_HOST is ${dockerHost}, without TLS: whoever reaches that port is root there`,
    'run a worker on the machine of the engine, with its Unix socket, or tunnel the socket (ssh -L)',
  );
}

/**
 * Finds a port of an engine that anybody on the network reaches without TLS.
 *
 * @param tables what /proc/net/tcp and tcp6 hold
 */
export function judgeListening(tables: readonly string[]): Verdict {
  const port = PLAIN_PORT.toString(16).toUpperCase().padStart(4, '0');
  const open = tables
    .flatMap((table) => table.split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = '', , state]) => state === LISTENING && local.endsWith(`:${port}`))
    .some(([, local = '']) => !isLoopback(local.slice(0, -port.length - 1)));
  if (!open) return ok(`No engine listens on port ${PLAIN_PORT} for other machines`);
  return fail(
    `Something listens on port ${PLAIN_PORT} for other machines: an engine there makes anybody root`,
    'take "-H tcp://…" out of the unit of docker and "hosts" out of /etc/docker/daemon.json, and restart it',
  );
}

/** Addresses stand in the order of the machine's bytes: 127.0.0.1 is 0100007F. */
function isLoopback(hex: string): boolean {
  return hex.endsWith('7F') || hex === '00000000000000000000000001000000';
}

async function readGroup(gid: number): Promise<string> {
  const text = await readFile(GROUPS_FILE, 'utf8').catch(() => '');
  const line = text.split('\n').find((one) => one.split(':')[2] === String(gid));
  return line?.split(':')[0] ?? String(gid);
}

/** Who may use the engine. */
export const socketChecks: readonly Check[] = [
  {
    name: 'engine.socket',
    roles: EVERYWHERE,
    async run({ settings, isProduction }) {
      const dockerHost = settings.text('DOCKER_HOST') || 'unix:///var/run/docker.sock';
      const address = parseDockerHost(dockerHost);
      if (address === null) return skipped('DOCKER_HOST is no address');
      if (address.kind === 'tcp') return judgeTcp(dockerHost, isProduction);
      const found = await stat(address.path).catch(() => null);
      if (found === null) return skipped(`there is no ${address.path}`);
      return judgeSocket({ path: address.path, mode: found.mode, group: await readGroup(found.gid) });
    },
  },
  {
    name: 'engine.tcp',
    roles: EVERYWHERE,
    async run() {
      const tables = await Promise.all(SOCKET_TABLES.map((path) => readFile(path, 'utf8').catch(() => '')));
      return tables.every((table) => table === '')
        ? skipped('this system has no /proc/net/tcp')
        : judgeListening(tables);
    },
  },
];
