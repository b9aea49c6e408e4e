import type { SandboxPlan } from '@orca/protocol/sandbox-plan';
import type { IsImageProgram } from './image-programs.ts';
import type { CommandUser } from './surroundings.ts';

/** A program that is there and cannot be started, as shells have it. */
export const STATUS_NOT_EXECUTABLE = 126;
/** A program that is not there. */
const STATUS_NOT_FOUND = 127;

// The working folder is an argument of this shell, never of `spawn`: libuv enters it before it changes the user, and
// root without DAC_OVERRIDE cannot enter what belongs to another. Out of memory, the kernel takes this process before
// the harness. `exec` leaves no trace of the shell but the message for a program that cannot be started.
const WRAPPER = [
  '{ echo 1000 > /proc/self/oom_score_adj; } 2> /dev/null',
  `cd -- "$1" 2> /dev/null || { printf 'Cannot enter the folder "%s"\\n' "$1" >&2; exit ${STATUS_NOT_EXECUTABLE}; }`,
  // What `cd` leaves behind is nothing of the command's.
  'unset PWD OLDPWD',
  'shift',
].join('\n');

// A shell takes a file that the kernel cannot start for a script of its own, but a list is run without a shell. It reads
// the first line byte by byte, which of a binary is some thousand: the image's own programs are known to be none of these.
// `program` is that argument's name in the shell.
const refuseScripts = (program: string): string =>
  [
    `case ${program} in`,
    `  */*) orca_program=${program} ;;`,
    `  *) orca_program=$(command -v -- "${program}") ||`,
    `    { printf '%s: not found\\n' "${program}" >&2; exit ${STATUS_NOT_FOUND}; } ;;`,
    'esac',
    // What cannot be read is left to the kernel.
    `orca_start='#!'`,
    'case $orca_program in',
    '  */*) [ -f "$orca_program" ] && [ -x "$orca_program" ] && [ -r "$orca_program" ] &&',
    '    { orca_start=; IFS= read -r orca_start < "$orca_program"; } 2> /dev/null ;;',
    'esac',
    'case $orca_start in',
    `  '#!'* | '\x7fELF'*) ;;`,
    `  *) printf '%s: exec format error\\n' "${program}" >&2; exit ${STATUS_NOT_EXECUTABLE} ;;`,
    'esac',
  ].join('\n');
const EXEC = 'exec "$@"';

/** What shells take for the name of a variable. One like `a.b` most of them hand on to nothing that they start. */
const SHELL_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const SET_VARIABLES = ['/usr/bin/env', '--'];

/** How a process of the submission is started. */
export interface WrappedCommand {
  readonly file: string;
  readonly args: string[];
  readonly options: {
    readonly uid?: number;
    readonly gid?: number;
    readonly cwd: '/';
    readonly detached: true;
    readonly env: Record<string, string>;
  };
}

/**
 * What to spawn so that a command runs as its user in its folder and nothing of the harness goes with it.
 *
 * @param cmd a list is a program and its arguments; a string goes to the shell
 * @param workingDir absolute, or relative to the home
 * @param deps.isImageProgram tells that a list's program need not be looked at here; without it, none is known
 */
export function wrapCommand(
  cmd: string | readonly string[],
  workingDir: string | null,
  deps: {
    readonly plan: Pick<SandboxPlan, 'env' | 'home'>;
    readonly user: CommandUser | null;
    readonly isImageProgram?: IsImageProgram;
  },
): WrappedCommand {
  const { plan, user, isImageProgram } = deps;
  const isShell = typeof cmd === 'string';
  const argv = isShell ? ['/bin/sh', '-c', cmd] : cmd;
  const isKnown = isShell || isImageProgram?.(argv[0] ?? '', plan.env['PATH'] ?? '') === true;
  const setting = isShell ? [] : setLostVariables(plan.env, argv[0] ?? '');
  const program = `\${${setting.length + 1}}`;
  const wrapper = (isKnown ? [WRAPPER, EXEC] : [WRAPPER, refuseScripts(program), EXEC]).join('\n');
  return {
    file: '/bin/sh',
    args: ['-c', wrapper, 'sh', inHome(workingDir ?? '', plan.home.path), ...setting, ...argv],
    options: {
      ...user,
      cwd: '/',
      detached: true,
      env: { ...plan.env },
    },
  };
}

/** What stands before a program so that it has the variables, too, that the shell would lose. Mostly nothing. */
function setLostVariables(env: SandboxPlan['env'], program: string): string[] {
  const lost = Object.entries(env).filter(([name]) => !SHELL_NAME.test(name));
  // A program with a "=" would be taken for one more variable.
  if (lost.length === 0 || program.includes('=')) return [];
  return [...SET_VARIABLES, ...lost.map(([name, value]) => `${name}=${value}`)];
}

function inHome(path: string, home: string): string {
  if (path.startsWith('/')) return path;
  return path === '' ? home : `${home}/${path}`;
}
