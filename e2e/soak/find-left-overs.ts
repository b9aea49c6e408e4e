import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectEngine, listContainers } from '@orca/docker';
import { startEnvironment } from '../kit/start-process.ts';
import { waitFor } from '../kit/wait-for.ts';
import type { World } from './start-world.ts';

const ORCA = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
/** What a dead worker left goes a minute after its last sign of life. */
const AUDIT_MS = 180_000;

/**
 * Waits until `orca audit` is content with the live system, then stops every process in order.
 *
 * @returns I7: what is still there then, in sentences
 * @throws when the audit does not become content, with what it says
 */
export async function findLeftOvers(world: World): Promise<string[]> {
  let said = '';
  await waitFor(
    '"orca audit" to be content',
    async () => {
      const { status, stdout } = await audit(world);
      said = stdout;
      return status === 0;
    },
    AUDIT_MS,
  ).catch((cause: unknown) => {
    throw new Error(`"orca audit" says:\n${said}`, { cause });
  });
  const leftOvers: string[] = [];
  for (const seat of [...world.workers, world.builder, world.server]) {
    const status = await seat.stop();
    if (status !== 0) leftOvers.push(`The ${seat.name} ended with ${status}`);
  }
  const containers = await listContainers(await connectEngine(world.engine.host), {});
  leftOvers.push(...containers.map(({ name }) => `The container ${name} is there`));
  for (const installation of await readdir(world.workerFolder)) {
    const workers = join(world.workerFolder, installation, 'workers');
    const folders = await readdir(workers).catch(() => []);
    leftOvers.push(...folders.map((folder) => `The folder of worker ${folder} is there`));
  }
  return leftOvers;
}

function audit({ postgres, engine }: World): Promise<{ status: number; stdout: string }> {
  const env = startEnvironment({ POSTGRES_URL: postgres.url, DOCKER_HOST: engine.host });
  const { promise, resolve } = Promise.withResolvers<{ status: number; stdout: string }>();
  execFile(process.execPath, [ORCA, 'audit'], { env }, (error, stdout, stderr) => {
    resolve({ status: error === null ? 0 : Number(error.code), stdout: stdout + stderr });
  });
  return promise;
}
