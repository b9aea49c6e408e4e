import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import type { Environment } from '@orca/daemon';
import { UserError } from '../user-error.ts';
import type { Progress } from './progress.ts';
import { runProgram } from './run-program.ts';

const OS_RELEASE = '/etc/os-release';

/** Seconds that apt-get waits while somebody else installs packages. */
const APT_LOCK_SECONDS = 300;

/**
 * Whether packages of the distribution can be installed here: as root on Debian, Ubuntu or what is made from them.
 *
 * @param osRelease the text of `/etc/os-release`
 * @see man os-release(5)
 */
export function canInstallPackages(osRelease: string, uid: number | undefined): boolean {
  const { ID = '', ID_LIKE = '' } = parseEnv(osRelease);
  return uid === 0 && [ID, ...ID_LIKE.split(' ')].some((name) => name === 'debian' || name === 'ubuntu');
}

/** The text of this machine's `/etc/os-release`; empty where there is none. */
export async function readOsRelease(): Promise<string> {
  return readFile(OS_RELEASE, 'utf8').catch(() => '');
}

/**
 * Installs packages of the distribution, asking nothing.
 *
 * @throws {UserError} with the end of apt-get's output when that fails
 */
export async function installPackages(
  packages: readonly string[],
  deps: { readonly env: Environment; readonly progress: Progress },
  signal: AbortSignal,
): Promise<void> {
  const names = packages.join(', ');
  const env = { ...deps.env, DEBIAN_FRONTEND: 'noninteractive' };
  await deps.progress.step(`Installing ${names} with apt-get`, async (detail) => {
    const options = { env, onLine: detail };
    // Its failure is no reason to stop: one foreign package source that is out of reach makes it fail as a whole.
    await runProgram(['apt-get', 'update', '-q'], options, signal);
    const end = await runProgram(
      [
        'apt-get',
        'install',
        '--yes',
        '-q',
        '--no-install-recommends',
        '-o',
        `DPkg::Lock::Timeout=${APT_LOCK_SECONDS}`,
        ...packages,
      ],
      options,
      signal,
    );
    switch (end.kind) {
      case 'succeeded':
        return;
      case 'missing':
        throw new UserError(`Cannot install ${names}: there is no apt-get here`);
      case 'failed':
        throw new UserError(
          `${end.tail}\nCannot install ${names}: apt-get ended with status ${end.status}, as shown above. ` +
            `Install it by hand (apt-get install ${packages.join(' ')}) and run this again`,
        );
      default:
        end satisfies never;
    }
  });
}
