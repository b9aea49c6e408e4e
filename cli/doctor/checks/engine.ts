import { API_VERSION_MIN, EngineError, showAddress } from '@orca/docker';
import { type Check, EVERYWHERE, fail, ok, skipped, type Verdict, warn } from '../check.ts';
import { explain } from '../explain.ts';
import { judgeSeen } from '../look.ts';
import { isAtLeast } from '../version.ts';

/** Older engines lack corrections of ways out of containers. */
const ENGINE_MIN = '29.7';
/** Of each line of runc that is still corrected, the first that has no known way out; older lines have none. */
const RUNC_SAFE = ['1.2.8', '1.3.3', '1.4.0'] as const;

/** Why no engine could be asked, and what to do: by what the system said. */
export function judgeUnreachable(error: unknown, dockerHost: string): Verdict {
  const now = explain(error);
  if (error instanceof EngineError && error.code === 'engine_too_old')
    return fail(now, `install an engine that speaks API ${API_VERSION_MIN} (Docker 20.10) or newer`);
  if (/EACCES/.test(now))
    return fail(now, 'let this user use the engine (sudo usermod -aG docker "$USER"), then log in again');
  if (error instanceof EngineError && error.code === 'engine_timeout')
    return fail(
      now,
      'it hangs: see "sudo journalctl -u docker", and restart it (sudo systemctl restart docker)',
    );
  if (!dockerHost.startsWith('unix://'))
    return fail(now, 'see that an engine listens where DOCKER_HOST says, and that no firewall is in between');
  return fail(
    now,
    'install Docker (apt-get install docker.io) and start it (sudo systemctl enable --now docker)',
  );
}

/** @param version such as `20.10.24+dfsg1` */
export function judgeEngineVersion(version: string): Verdict {
  if (isAtLeast(version, ENGINE_MIN)) return ok(`Docker ${version}`);
  return warn(
    `Docker ${version} is older than ${ENGINE_MIN}: ways out of containers were closed since then`,
    `install Docker ${ENGINE_MIN} or newer (docs.docker.com/engine/install), unless your distribution has patched its own`,
  );
}

/** @param version `undefined`: the engine does not say */
export function judgeRunc(version: string | undefined): Verdict {
  if (version === undefined) return skipped('the engine does not name a runc');
  if (
    RUNC_SAFE.some(
      (safe) => isAtLeast(version, safe) && (sameLine(version, safe) || safe === RUNC_SAFE.at(-1)),
    )
  )
    return ok(`runc ${version}`);
  return warn(
    `runc ${version} is older than 1.2.8 and 1.3.3: ways out of containers were closed since then`,
    'install a newer runc (package runc or containerd.io), unless your distribution has patched its own',
  );
}

function sameLine(version: string, other: string): boolean {
  const lineOf = (text: string): string => text.split('.').slice(0, 2).join('.');
  return lineOf(version) === lineOf(other);
}

/** @param wanted what `ORCA_CONTAINER_RUNTIME` says; '' for the engine's default */
export function judgeRuntime(
  { runtimes, defaultRuntime }: { readonly runtimes: readonly string[]; readonly defaultRuntime: string },
  wanted: string,
): Verdict {
  if (wanted === '') return ok(`${defaultRuntime}, the engine's default`);
  if (runtimes.includes(wanted)) return ok(`${wanted}, as ORCA_CONTAINER_RUNTIME says`);
  return fail(
    `The engine has no runtime "${wanted}", which ORCA_CONTAINER_RUNTIME names; it has ${runtimes.join(', ')}`,
    'add it under "runtimes" in /etc/docker/daemon.json and restart the engine, or unset ORCA_CONTAINER_RUNTIME',
  );
}

/** Whether jobs run without an engine here. */
export const WITHOUT_CONTAINERS = 'jobs run without containers here (ORCA_SANDBOX=process)';

const reach: Check = {
  name: 'engine',
  roles: EVERYWHERE,
  async run(host) {
    const look = await host.engine();
    if (look.kind === 'unseen') {
      if (host.role === 'worker' && host.settings.text('ORCA_SANDBOX') === 'process')
        return skipped(WITHOUT_CONTAINERS);
      return judgeUnreachable(look.error, host.settings.text('DOCKER_HOST'));
    }
    const { engine, info } = look.value;
    return ok(
      `Docker ${info.serverVersion} answers at ${showAddress(engine.address)}, API ${engine.apiVersion}`,
    );
  },
};

/** Whether there is an engine, and what it is. */
export const engineChecks: readonly Check[] = [
  reach,
  {
    name: 'engine.version',
    roles: EVERYWHERE,
    run: (host) => judgeSeen(host.engine(), ({ info }) => judgeEngineVersion(info.serverVersion)),
  },
  {
    name: 'engine.runc',
    roles: EVERYWHERE,
    run: (host) => judgeSeen(host.engine(), ({ components }) => judgeRunc(components.get('runc'))),
  },
  {
    name: 'engine.runtime',
    roles: EVERYWHERE,
    run: (host) =>
      judgeSeen(host.engine(), ({ info }) =>
        judgeRuntime(info, host.settings.text('ORCA_CONTAINER_RUNTIME')),
      ),
  },
];
