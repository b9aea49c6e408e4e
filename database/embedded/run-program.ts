import { spawn } from 'node:child_process';
import type { RunAs } from './system-user.ts';

/** How a program ended. */
export type ProgramEnd = { status: number | null; output: string };

/** Most characters of a program's output that are kept, from its end. */
const OUTPUT_CHARACTERS_MAX = 16_384;

/** The environment of PostgreSQL's programs: nothing of ours, and messages in English. */
export const PROGRAM_ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' } as const;

/**
 * Runs a program to its end as another user.
 *
 * @returns its exit status, `null` when a signal or a missing program ended it, and the end of what it printed
 */
export function runProgram(file: string, args: readonly string[], runAs: RunAs): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    // The working folder of this process may be closed to that user.
    const child = spawn(file, args, {
      cwd: '/',
      env: PROGRAM_ENVIRONMENT,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...runAs.ids,
    });
    let output = '';
    const keep = (text: string) => {
      output = (output + text).slice(-OUTPUT_CHARACTERS_MAX);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.once('error', (error) => resolve({ status: null, output: error.message }));
    child.once('close', (status) => resolve({ status, output }));
  });
}
