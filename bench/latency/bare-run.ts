import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The base image: the same as that of the jobs. */
export const IMAGE = 'orca-grader-base:latest';

/** A bare container that does nothing, by the engine's own command. @returns how long it took, in milliseconds */
export async function runBare(): Promise<number> {
  const beganMs = performance.now();
  await run('docker', ['run', '--rm', '--network', 'none', IMAGE, 'true']);
  return performance.now() - beganMs;
}
