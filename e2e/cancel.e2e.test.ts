import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containersOf, containersOfRuns } from './kit/containers.ts';
import { makeJob } from './kit/make-job.ts';
import { startOrca } from './kit/start-orca.ts';
import { waitFor } from './kit/wait-for.ts';

/** The promise is two seconds; this machine may be busy with other tests. */
const GONE_MS_MAX = 8_000;
const PROMISED_MS = 2_000;

test('DELETE of a job that is being graded stops its container at once, and tells its client once', async (t) => {
  await using orca = await startOrca();
  await orca.startWorker();
  const script = [{ cmd: 'sleep 60; echo late', on_complete: 'output' as const }];
  const { body } = await orca.put(makeJob(orca.client, 'cancelled', { script }));
  const id = body.status?.id ?? 0;
  const container = await waitFor(
    'the container of the job',
    async () => (await containersOfRuns(orca.databaseUrl))[0],
  );

  const beganMs = performance.now();
  const answer = await fetch(`${orca.url}/api/v1/grading_queue/${id}`, { method: 'DELETE' });
  assert.equal(answer.status, 200);
  await waitFor(
    'the container to be gone',
    async () => !(await containersOf(orca.databaseUrl)).includes(container),
    GONE_MS_MAX,
  );
  t.diagnostic(`gone after ${Math.round(performance.now() - beganMs)} ms; promised are ${PROMISED_MS} ms`);

  const { json } = await orca.client.waitForResult('cancelled');
  assert.deepEqual(json.error_codes, ['JobCancelled']);
  assert.match(json.errors?.[0] ?? '', /^JobCancelled: The job was cancelled/);
  // The worker is free, and what it sends of the next job comes after all that it could have sent of this one.
  await orca.put(makeJob(orca.client, 'next'));
  assert.equal((await orca.client.waitForResult('next')).json.output, 'hello');
  assert.equal(orca.client.resultsOf('cancelled').length, 1);
  assert.match(await orca.statusOf(id), /cancelled/);
});
