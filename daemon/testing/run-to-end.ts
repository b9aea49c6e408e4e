import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

const DEADLINE_MS = 60_000;

/** What a program left. */
export interface EndedProgram {
  /** A number, or the name of what went wrong. */
  readonly status: unknown;
  readonly stdout: string;
  readonly stderr: string;
  /** Both. */
  readonly output: string;
}

/**
 * Runs one of Orca's programs to its end, with these variables and no others.
 *
 * @param program.cwd where its `.env` may be; there is none unless a test says so
 */
export async function runToEnd(
  main: string,
  program: {
    readonly args?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
    readonly cwd?: string;
  },
): Promise<EndedProgram> {
  const { args = [], env = {}, cwd = '/' } = program;
  const ended = Promise.withResolvers<EndedProgram>();
  const options = { env, cwd, timeout: DEADLINE_MS };
  execFile(process.execPath, [main, ...args], options, (error, stdout, stderr) =>
    ended.resolve({ status: error === null ? 0 : error.code, stdout, stderr, output: stdout + stderr }),
  );
  return ended.promise;
}

/** Makes a folder that goes with its test. */
export async function makeTemporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'orca-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
