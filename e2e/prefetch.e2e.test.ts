import assert from 'node:assert/strict';
import { test } from 'node:test';
import { removeImagesOf } from './kit/images.ts';
import { makeJob } from './kit/make-job.ts';
import { startOrca } from './kit/start-orca.ts';
import { waitFor } from './kit/wait-for.ts';

const BUILD_MS = 240_000;
const OUTPUT = { on_complete: 'output' } as const;
const LOADED = '"msg":"grader image loaded"';

test('a worker that is busy fetches the image of the next waiting job before its turn', async () => {
  await using orca = await startOrca({ ORCA_BUILD_NETWORK: 'none' });
  await orca.startImageBuilder();
  const { sha } = await orca.postImage('FROM orca-grader-base\nRUN echo "in time" > /opt/made\n');
  await waitFor(
    'the outcome of the build',
    () => orca.client.posts.some(({ json }) => json.was_successful === true),
    BUILD_MS,
  );
  await removeImagesOf(orca.databaseUrl);
  const worker = await orca.startWorker({ ORCA_CONCURRENCY: '1' });
  const long = makeJob(orca.client, 'long', { script: [{ cmd: 'sleep 500', timeout: 500, ...OUTPUT }] });
  const { body } = await orca.put(long);
  const id = body.status?.id ?? 0;
  await waitFor('the long job to run', async () => (await orca.statusOf(id)).includes('graded'));
  const script = [{ cmd: ['cat', '/opt/made'], ...OUTPUT }];
  await orca.put(makeJob(orca.client, 'next', { script, grader_image_sha: sha }));
  await waitFor('the image to be loaded', () => worker.log().includes(LOADED), BUILD_MS);
  assert.deepEqual(orca.client.resultsOf('long'), [], 'the long job still runs');

  await fetch(`${orca.url}/api/v1/grading_queue/${id}`, { method: 'DELETE' });
  const { json } = await orca.client.waitForResult('next', BUILD_MS);
  assert.equal(json.output, 'in time');
  assert.equal(worker.log().split(LOADED).length - 1, 1, 'it was not fetched again');
});
