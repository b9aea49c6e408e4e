import assert from 'node:assert/strict';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { containersOf } from './kit/containers.ts';
import { imagesOf, removeImagesOf } from './kit/images.ts';
import { makeJob } from './kit/make-job.ts';
import { startOrca, type TestOrca } from './kit/start-orca.ts';
import { waitFor } from './kit/wait-for.ts';

/** Short leases, so that what a killed process had is taken over soon. */
const SHORT = {
  ORCA_LEASE_SECONDS: '5',
  ORCA_HEARTBEAT_SECONDS: '1',
  ORCA_BUILD_LEASE_SECONDS: '4',
  ORCA_POLL_SECONDS: '1',
  ORCA_SWEEP_SECONDS: '1',
  ORCA_BUILD_NETWORK: 'none',
};
const BUILD_MS = 240_000;

const OUTPUT = { on_complete: 'output' } as const;

/** The outcomes of builds that the client was POSTed so far. */
function outcomesOf(orca: TestOrca, path = '/images') {
  return orca.client.posts.filter((post) => post.path === path).map(({ json }) => json);
}

async function waitForOutcome(orca: TestOrca, path?: string) {
  return waitFor('the outcome of the build', () => outcomesOf(orca, path)[0], BUILD_MS);
}

test('ten jobs that are put at once with their Dockerfile get ten right results, though the builder and a worker are killed on the way', async () => {
  await using orca = await startOrca(SHORT);
  const firstBuilder = await orca.startImageBuilder();
  const firstWorker = await orca.startWorker();
  const posted = await orca.postImage(
    'FROM orca-grader-base\nRUN echo "in the image" > /opt/made && sleep 6\nUSER orca-grader\n',
  );
  assert.equal(posted.status, 200);
  assert.equal(posted.body.message, 'OK');
  const keys = Array.from({ length: 10 }, (_, index) => `job ${index}`);
  for (const key of keys) {
    const script = [{ cmd: `sleep 1; cat /opt/made; echo "${key}"; id -un`, ...OUTPUT }];
    const put = await orca.put(makeJob(orca.client, key, { script, grader_image_sha: posted.sha }));
    assert.equal(put.status, 200);
    assert.equal(put.body.status?.location, 'HoldingPen');
  }
  assert.match(await orca.statusOf(1), /^Your job is waiting for its grader image/);
  await waitFor('the build to be in its RUN', async () =>
    (await orca.imageStatusOf(posted.sha)).includes('RUN echo'),
  );
  await firstBuilder.kill();
  await orca.startImageBuilder();
  await waitFor(
    'the first result',
    () => keys.find((key) => orca.client.resultsOf(key).length > 0),
    BUILD_MS,
  );
  await firstWorker.kill();
  await orca.startWorker();

  for (const key of keys) {
    const { json } = await orca.client.waitForResult(key, BUILD_MS);
    assert.deepEqual(json.errors, [], key);
    assert.equal(json.output, `in the image\n${key}\norca-grader`);
    assert.equal(orca.client.resultsOf(key).length, 1);
  }
  const outcomes = outcomesOf(orca);
  assert.deepEqual(
    outcomes.map((outcome) => outcome.was_successful),
    [true],
    'told once, although it was built twice',
  );
  assert.equal(outcomes[0]?.logs?.[0]?.step, `grader image ${posted.sha}`);
  assert.equal((await readdir(orca.imageFolder)).filter((name) => name.endsWith('.tgz')).length, 1);
  assert.match(await orca.imageStatusOf(posted.sha), /ready/);
  assert.match(
    (
      await orca.postImage(
        'FROM orca-grader-base\nRUN echo "in the image" > /opt/made && sleep 6\nUSER orca-grader\n',
      )
    ).body.message ?? '',
    /there already/,
  );
});

test('a builder that is killed while it saves an image leaves nothing that anybody takes for one', async () => {
  await using orca = await startOrca(SHORT);
  const first = await orca.startImageBuilder();
  await orca.startWorker();
  const { sha } = await orca.postImage('FROM orca-grader-base\nRUN echo "saved whole" > /opt/made\n');
  const script = [{ cmd: ['cat', '/opt/made'], ...OUTPUT }];
  await orca.put(makeJob(orca.client, 'waits', { script, grader_image_sha: sha }));
  const files = () => readdir(orca.imageFolder);
  await waitFor(
    'a half archive',
    async () => (await files()).some((name) => name.endsWith('.part')),
    BUILD_MS,
  );
  await first.kill();
  assert.ok((await files()).every((name) => !name.endsWith('.tgz')));
  assert.match(await orca.imageStatusOf(sha), /being built/);
  await orca.startImageBuilder();
  assert.equal((await orca.client.waitForResult('waits', BUILD_MS)).json.output, 'saved whole');
  assert.equal((await files()).filter((name) => name.endsWith('.tgz')).length, 1);
  assert.equal(outcomesOf(orca).length, 1);
});

test('a worker downloads an image that its engine has not, and an image that is nowhere any more is built again', async () => {
  await using orca = await startOrca(SHORT);
  const builder = await orca.startImageBuilder();
  // A container that was started ahead would spare it the image.
  const worker = await orca.startWorker({ ORCA_POOL_MB_MAX: '0' });
  const dockerfile = 'FROM orca-grader-base\nRUN echo "found" > /opt/made\n';
  const { sha } = await orca.postImage(dockerfile);
  assert.equal((await waitForOutcome(orca)).was_successful, true);
  const script = [{ cmd: ['cat', '/opt/made'], ...OUTPUT }];
  const grade = async (key: string) => {
    await orca.put(makeJob(orca.client, key, { script, grader_image_sha: sha }));
    const { json } = await orca.client.waitForResult(key, BUILD_MS);
    assert.equal(json.output, 'found', key);
  };

  // An image stays as long as a container that is made of it, and a container goes a moment after its result.
  const removeImages = async () => {
    const isFree = async () => (await containersOf(orca.databaseUrl)).length === 0;
    await waitFor('the end of the containers', isFree);
    await removeImagesOf(orca.databaseUrl);
  };
  await removeImages();
  await grade('downloaded');
  assert.match(worker.log(), /"msg":"grader image loaded"/);
  assert.equal((await imagesOf(orca.databaseUrl)).length, 1);

  // Removed under the worker, which knows it as present: it is fetched again within the same run.
  await removeImages();
  await grade('fetched again');

  // Without a builder, whose chores would notice at any moment that the archive is lost, the worker has to find out.
  await builder.kill();
  await removeImages();
  for (const name of await readdir(orca.imageFolder))
    if (name.endsWith('.tgz')) await rm(join(orca.imageFolder, name));
  const again = makeJob(orca.client, 'built again', { script, grader_image_sha: sha });
  assert.equal((await orca.put(again)).body.status?.location, 'Queue');
  const isHeld = () =>
    orca.client.posts.some(
      ({ json }) => json.key === 'built again' && json.status?.location === 'HoldingPen',
    );
  await waitFor('the job in the holding pen', isHeld, BUILD_MS);
  await orca.startImageBuilder();
  assert.equal((await orca.client.waitForResult('built again', BUILD_MS)).json.output, 'found');
  assert.equal(outcomesOf(orca).length, 1, 'nobody asked for the second build');
});

test('everybody who posted a Dockerfile learns why it failed, and so do the jobs that waited for it', async () => {
  await using orca = await startOrca(SHORT);
  const dockerfile = 'FROM orca-grader-base\nRUN echo "no such tool" && exit 4\n';
  const { sha } = await orca.postImage(dockerfile);
  const other = await orca.postImage(dockerfile, `${orca.client.url}/other-images`);
  assert.equal(other.body.message, 'OK');
  const put = await orca.put(makeJob(orca.client, 'waits', { grader_image_sha: sha }));
  const changed = await orca.put(
    makeJob(orca.client, 'waits', { grader_image_sha: sha, script: [{ cmd: 'false', ...OUTPUT }] }),
  );
  assert.deepEqual(changed.body.status, put.body.status, 'an update works in the pen');
  await orca.startImageBuilder();
  for (const path of ['/images', '/other-images']) {
    const outcome = await waitForOutcome(orca, path);
    assert.equal(outcome.was_successful, false);
    const last = outcome.logs?.at(-1);
    assert.match(last?.step ?? '', /^Step 2\/\d : RUN/);
    assert.match(last?.output ?? '', /no such tool/);
    assert.match(last?.error ?? '', /non-zero code: 4/);
  }
  const { json } = await orca.client.waitForResult('waits');
  assert.deepEqual(json.error_codes, ['ImageBuildFailed']);
  assert.match(json.errors?.[0] ?? '', /^ImageBuildFailed: .*non-zero code: 4/);
  assert.match(await orca.statusOf(put.body.status?.id ?? 0), /could not be graded/);
  assert.match(await orca.imageStatusOf(sha), /could not be built|failed to build/);
  const refused = await orca.put(makeJob(orca.client, 'later', { grader_image_sha: sha }));
  assert.equal(refused.status, 400);
  assert.equal(refused.body.code, 'unknown_image');
});
