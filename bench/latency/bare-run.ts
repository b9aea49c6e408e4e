import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { BASE_IMAGE } from '../system/provide-image.ts';

const run = promisify(execFile);

/** A bare container that does nothing, by the engine's own command. @returns how long it took, in milliseconds */
export async function runBare(): Promise<number> {
  const beganMs = performance.now();
  await run('docker', ['run', '--rm', '--network', 'none', BASE_IMAGE, 'true']);
  return performance.now() - beganMs;
}
