import type { SandboxPlan } from '@orca/protocol/sandbox-plan';

/** Who commands are: numbers, never looked up in the image. */
export const COMMAND_UID = 1000;
export const COMMAND_GID = 1000;

/** A program that is there and cannot be started, as shells have it. */
export const STATUS_NOT_EXECUTABLE = 126;

// The working folder is an argument of this shell, never of `spawn`: libuv enters it before it changes the user, and
// root without DAC_OVERRIDE cannot enter what belongs to another. Out of memory, the kernel takes this process before
// the harness. `exec` leaves no trace of the shell but the message for a program that cannot be started.
const WRAPPER = [
  '{ echo 1000 > /proc/self/oom_score_adj; } 2> /dev/null',
  `cd -- "$1" 2> /dev/null || { printf 'Cannot enter the folder "%s"\\n' "$1" >&2; exit ${STATUS_NOT_EXECUTABLE}; }`,
  // What `cd` leaves behind is nothing of the command's.
  'unset PWD OLDPWD',
  'shift',
  'exec "$@"',
].join('\n');

/** How a process of the submission is started. */
export interface WrappedCommand {
  readonly file: string;
  readonly args: string[];
  readonly options: {
    readonly uid: number;
    readonly gid: number;
    readonly cwd: '/';
    readonly detached: true;
    readonly env: Record<string, string>;
  };
}

/**
 * What to spawn so that a command runs as `orca-grader` in its folder and nothing of the harness goes with it.
 *
 * @param cmd a list is a program and its arguments; a string goes to the shell
 * @param workingDir absolute, or relative to the home
 */
export function wrapCommand(
  cmd: string | readonly string[],
  workingDir: string | null,
  plan: Pick<SandboxPlan, 'env' | 'home'>,
): WrappedCommand {
  const argv = typeof cmd === 'string' ? ['/bin/sh', '-c', cmd] : cmd;
  return {
    file: '/bin/sh',
    args: ['-c', WRAPPER, 'sh', inHome(workingDir ?? '', plan.home.path), ...argv],
    options: {
      uid: COMMAND_UID,
      gid: COMMAND_GID,
      cwd: '/',
      detached: true,
      env: { ...plan.env },
    },
  };
}

function inHome(path: string, home: string): string {
  if (path.startsWith('/')) return path;
  return path === '' ? home : `${home}/${path}`;
}
