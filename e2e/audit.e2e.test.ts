import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { passTime } from '@orca/database/testing';
import { containersOf } from './kit/containers.ts';
import { makeJob } from './kit/make-job.ts';
import { startOrca } from './kit/start-orca.ts';
import { startEnvironment } from './kit/start-process.ts';
import { waitFor } from './kit/wait-for.ts';

const ORCA = fileURLToPath(new URL('../cli/main.ts', import.meta.url));
/** After a minute of silence a worker is dead. */
const DEAD_SECONDS = 120;

function audit(databaseUrl: string, ...args: string[]): Promise<{ status: number; stdout: string }> {
  const env = startEnvironment({ POSTGRES_URL: databaseUrl });
  const { promise, resolve } = Promise.withResolvers<{ status: number; stdout: string }>();
  execFile(process.execPath, [ORCA, 'audit', ...args], { env }, (error, stdout) => {
    resolve({ status: error === null ? 0 : Number(error.code), stdout });
  });
  return promise;
}

test('orca audit finds the containers of a dead worker, and is content when it is gone', async () => {
  await using orca = await startOrca({ ORCA_SWEEP_SECONDS: '600', ORCA_SHUTDOWN_GRACE_SECONDS: '0' });
  assert.deepEqual(await audit(orca.databaseUrl), { status: 0, stdout: 'All holds.\n' });
  const worker = await orca.startWorker();
  const script = [{ cmd: 'sleep 60', on_complete: 'output' as const }];
  await orca.put(makeJob(orca.client, 'abandoned', { script }));
  const containers = await waitFor('its container, and one that waits for the next job', async () => {
    const names = await containersOf(orca.databaseUrl);
    return names.length === 2 ? names : null;
  });
  assert.equal((await audit(orca.databaseUrl)).status, 0, 'they have a worker that lives');
  await worker.kill();
  await passTime(orca.databaseUrl, DEAD_SECONDS);
  const found = await audit(orca.databaseUrl, '--json');
  assert.equal(found.status, 1);
  const { violations, orphans } = JSON.parse(found.stdout);
  assert.deepEqual(violations, []);
  assert.deepEqual(
    orphans.map((orphan: { container: string }) => orphan.container).toSorted(),
    containers.toSorted(),
  );
  // A worker sweeps when it starts.
  await orca.startWorker();
  await waitFor(
    'the containers to be gone',
    async () => !(await containersOf(orca.databaseUrl)).some((name) => containers.includes(name)),
  );
  await waitFor('all to hold', async () => (await audit(orca.databaseUrl)).status === 0);
});
