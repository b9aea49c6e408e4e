import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containersOf, containersOfRuns } from './kit/containers.ts';
import { makeJob } from './kit/make-job.ts';
import { startOrca } from './kit/start-orca.ts';
import { waitFor } from './kit/wait-for.ts';

const SHORT_LEASE = { ORCA_LEASE_SECONDS: '5', ORCA_HEARTBEAT_SECONDS: '1' };

/** A job that tells the client when it has begun by a status POST, and runs long enough to be interrupted. */
const slowScript = [{ cmd: 'echo one; sleep 3; echo two', on_complete: 'output' as const }];

test('a job whose worker is killed in the middle is graded again by another, once, and its container goes', async () => {
  await using orca = await startOrca(SHORT_LEASE);
  const first = await orca.startWorker();
  await orca.put(makeJob(orca.client, 'survivor', { script: slowScript }));
  const abandoned = await waitFor(
    'the container of the job',
    async () => (await containersOfRuns(orca.databaseUrl))[0],
  );
  await first.kill();
  await orca.startWorker();

  // PostgreSQL may just have been started by this very test run: no lease is taken over in its first 30 s.
  const { json } = await orca.client.waitForResult('survivor', 120_000);
  assert.equal(json.output, 'one\ntwo');
  assert.deepEqual(json.errors, []);
  assert.equal(orca.client.resultsOf('survivor').length, 1);
  await waitFor('the abandoned container to be gone', async () => {
    const names = await containersOf(orca.databaseUrl);
    return !names.includes(abandoned);
  });
});

test('a worker that is told to stop hands its job back with its place, container killed first', async () => {
  await using orca = await startOrca({ ...SHORT_LEASE, ORCA_SHUTDOWN_GRACE_SECONDS: '1' });
  const first = await orca.startWorker();
  const { body } = await orca.put(
    makeJob(orca.client, 'handed back', { script: [{ cmd: 'sleep 5; echo done', on_complete: 'output' }] }),
  );
  await waitFor('the container of the job', async () => (await containersOfRuns(orca.databaseUrl))[0]);
  assert.equal(await first.stop(), 0);
  assert.deepEqual(await containersOf(orca.databaseUrl), []);
  assert.match(await orca.statusOf(body.status?.id ?? 0), /^Your job is number 1 in the queue\./);

  await orca.startWorker({ ORCA_SHUTDOWN_GRACE_SECONDS: '30' });
  const { json } = await orca.client.waitForResult('handed back');
  assert.equal(json.output, 'done');
  const locations = orca.client.posts.map((post) => post.json.status?.location).filter(Boolean);
  assert.deepEqual(locations, ['Worker', 'Queue', 'Worker']);
});
