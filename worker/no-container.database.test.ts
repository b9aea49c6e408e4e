import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { connectDatabase, enqueueJob, jobState } from '@orca/database';
import { cloneDatabase, makeJob } from '@orca/database/testing';
import { waitFor } from './testing/wait-for.ts';

const MAIN = join(import.meta.dirname, 'main.ts');

/** Starts a worker that can reach no engine. */
function startWorker(env: Record<string, string>, ...args: string[]) {
  return spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: '/usr/bin:/bin', DOCKER_HOST: 'unix:///no/such/socket', ...env },
    cwd: '/',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

test('a worker with --no-container grades jobs on a machine without an engine, and says what that means', async () => {
  await using database = await cloneDatabase();
  await using db = await connectDatabase({ url: database.url, applicationName: 'test' });
  const folder = await mkdtemp(join(tmpdir(), 'orca-test-'));
  const job = makeJob();
  const config = { ...job.config, files: {}, script: [{ cmd: 'id -un', on_complete: 'output' as const }] };
  const queued = await enqueueJob(db, { ...job, config });
  assert.ok(queued.kind === 'queued');

  const env = { POSTGRES_URL: database.url, ORCA_WORKER_FOLDER: folder, ORCA_LOG_FORMAT: 'json' };
  const worker = startWorker(env, '--no-container');
  const log = text(worker.stdout);
  const ended = once(worker, 'exit');
  await waitFor('the result', async () => (await jobState(db, queued.jobId)).kind === 'finished');
  assert.deepEqual(await jobState(db, queued.jobId), { kind: 'finished', outcome: 'graded' });
  worker.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
  assert.match(
    await log,
    /limits of memory, disk, processes and CPU do not apply.*"jobs run without containers"/,
  );
  await rm(folder, { recursive: true });
});

test('a worker without containers does not start in production, and says why', async () => {
  await using database = await cloneDatabase();
  const env = { POSTGRES_URL: database.url, ORCA_SANDBOX: 'process', ENVIRONMENT: 'production' };
  const worker = startWorker(env);
  const [log, [status]] = await Promise.all([text(worker.stdout), once(worker, 'exit')]);
  assert.equal(status, 1);
  assert.match(log, /Cannot run jobs without containers: ENVIRONMENT is .{1,2}production/);
});
