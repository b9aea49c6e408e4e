import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimDelivery, pruneImages, settleHeldJobs } from '@orca/database';
import { makeReadyImage, passTime } from '@orca/database/testing';
import { hearImages } from '../testing/hear-images.ts';
import { buildByHand, imageRequest, shaOfText } from '../testing/make-image.ts';
import { makeJob } from '../testing/make-job.ts';
import { errorOf, idOf } from '../testing/read-answer.ts';
import { startApi, type TestApi } from '../testing/start-api.ts';

const DOCKERFILE = 'FROM orca-grader-base\nRUN true\n';
const SHA = shaOfText(DOCKERFILE);

async function statusOf(api: TestApi, id: unknown): Promise<unknown> {
  const [one, other] = await Promise.all(
    ['grading_queue', 'holding_pen'].map((route) => api.request(`/api/v1/${route}/${id}/status`)),
  );
  assert.deepEqual(one?.body, other?.body, 'both routes answer alike');
  return one?.body;
}

/** The bodies of all POSTs that are owed now. */
async function owed(api: TestApi): Promise<string[]> {
  const bodies: string[] = [];
  for (;;) {
    const delivery = await claimDelivery(api.db, { serverId: 'a test', leaseSeconds: 60 });
    if (delivery === null) return bodies;
    bodies.push(delivery.body);
  }
}

test('PUT for an image that is to be built holds the job, takes updates there, and lets it go when it is built', async () => {
  await using api = await startApi();
  await api.postImage(imageRequest(DOCKERFILE));
  const job = makeJob({ grader_image_sha: SHA });
  const put = await api.put(job);
  const id = idOf(put);
  const held = { message: 'OK', status: { location: 'HoldingPen', id } };
  assert.deepEqual(put.body, held);
  assert.match(String(await statusOf(api, id)), /waiting for its grader image to be built/);
  assert.deepEqual((await api.put({ ...job, metadata_table: { course: 'CS 2' } })).body, held);
  const immediate = {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(job),
  };
  assert.deepEqual((await api.request('/api/v1/grading_queue/immediate', immediate)).body, held);

  await buildByHand(api.db, 'ready');
  assert.deepEqual(await settleHeldJobs(api.db, SHA), { released: 1, failed: 0 });
  assert.match(String(await statusOf(api, id)), /number 1 in the queue/);
  assert.deepEqual((await api.put(job)).body, { message: 'OK', status: { location: 'Queue', id } });
  const told = await owed(api);
  assert.ok(told.some((body) => body.includes('"was_successful":true')));
  assert.ok(told.some((body) => body.includes('"location":"Queue"')));
});

test('a build that fails gives its held jobs a result, and the next PUT is told why and what to do', async () => {
  await using api = await startApi();
  await api.postImage(imageRequest(DOCKERFILE));
  const id = idOf(await api.put(makeJob({ grader_image_sha: SHA })));
  const reason = `Step 2: the command ended with 1.\n\u001b[31m${'x'.repeat(1_000)}`;
  await buildByHand(api.db, { reason });
  assert.deepEqual(await settleHeldJobs(api.db, SHA), { released: 0, failed: 1 });
  assert.match(String(await statusOf(api, id)), /could not be graded/);
  const results = (await owed(api)).filter((body) => body.includes('"shell_responses"'));
  assert.equal(results.length, 1);
  const [result] = results.map((body) => JSON.parse(body));
  assert.deepEqual(result.error_codes, ['ImageBuildFailed']);
  assert.match(result.errors[0], /^ImageBuildFailed: .*Step 2/);
  assert.equal(result.key, makeJob().key);

  const refused = await api.put(makeJob({ grader_image_sha: SHA, key: 'another' }));
  assert.equal(refused.status, 400);
  assert.equal(errorOf(refused).code, 'unknown_image');
  const { text } = errorOf(refused);
  assert.match(
    text,
    /^grader_image_sha: the last build of image "\w+" failed; POST its Dockerfile .*Step 2: the command/,
  );
  assert.doesNotMatch(text, /\n|\u001b/);
  const unknown = await api.put(makeJob({ grader_image_sha: 'a'.repeat(64) }));
  assert.match(errorOf(unknown).text, /no image "a{64}" is built or being built/);

  await api.postImage(imageRequest(DOCKERFILE));
  const again = await api.put(makeJob({ grader_image_sha: SHA }));
  assert.equal(again.status, 200);
  assert.match(String(await statusOf(api, idOf(again))), /waiting for its grader image/);
});

test('PUT for an image that was pruned puts it in line to be built again, and wakes the builders', async () => {
  await using api = await startApi();
  const sha = await makeReadyImage(api.db, DOCKERFILE);
  await passTime(api.proxy.url, 3_600);
  assert.deepEqual(await pruneImages(api.db, { keepSeconds: 60, archiveBytesMax: 1e12 }), [sha]);
  const status = async () => (await api.request(`/api/v1/grader_images/status/${sha}`)).body;
  assert.match(String(await status()), /built again when a job names it/);
  await using builder = await hearImages(api.proxy.url);
  const put = await api.put(makeJob({ grader_image_sha: sha }));
  await builder.heard;
  assert.partialDeepStrictEqual(put.body, { status: { location: 'HoldingPen' } });
  assert.match(String(await status()), /number 1 in the queue of images/);
});
