import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appendBuildLog, claimBuild, endBuild } from '@orca/database';
import { makeReadyImage, SAVED_IMAGE } from '@orca/database/testing';
import { addKey } from '../testing/add-key.ts';
import { imageRequest } from '../testing/make-image.ts';
import { makeJob } from '../testing/make-job.ts';
import { errorOf } from '../testing/read-answer.ts';
import { startApi } from '../testing/start-api.ts';

const DOCKERFILE = 'FROM orca-grader-base\nRUN make\n';
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const TIMINGS = { buildMs: 12, checkMs: null, saveMs: null };

test('GET /grader_images is a page of all images, those that were asked for last first', async () => {
  await using api = await startApi();
  const ready = await makeReadyImage(api.db, 'FROM orca-grader-base\n# ready\n');
  const request = imageRequest(DOCKERFILE);
  await api.postImage(request);
  await api.put(makeJob({ grader_image_sha: request.dockerfile_sha_sum }));
  const all = await api.request('/api/v1/grader_images');
  const { images, total } = Object(all.body);
  assert.equal(total, 3, 'with the base image');
  const { requested_at, ...first } = images[0];
  assert.match(requested_at, ISO);
  assert.deepEqual(first, {
    ...{ sha: request.dockerfile_sha_sum, state: 'queued', failure: null, builds: 0 },
    ...{ image_bytes: null, archive_bytes: null, ready_at: null, last_used_at: null },
    ...{ held_jobs: 1, asked_by: ['course.example.edu'] },
  });
  const { imageBytes: image_bytes, archiveBytes: archive_bytes } = SAVED_IMAGE;
  const page = await api.request('/api/v1/grader_images?limit=1&offset=1');
  assert.partialDeepStrictEqual(page.body, {
    images: [{ sha: ready, image_bytes, archive_bytes }],
    total: 3,
  });
  assert.match(Object(page.body).images[0].ready_at, ISO);
});

test('GET /grader_images refuses a page that is none', async () => {
  await using api = await startApi();
  for (const query of [
    'limit=0',
    'limit=51',
    'limit=x',
    'limit=',
    'limit=1&limit=2',
    'offset=-1',
    'offset=10001',
  ]) {
    const answer = await api.request(`/api/v1/grader_images?${query}`);
    assert.equal(answer.status, 400, query);
    assert.match(errorOf(answer).text, /^(limit|offset): must be a whole number from \d+ to \d+$/);
  }
  assert.equal((await api.request('/api/v1/grader_images?limit=50&offset=10000')).status, 200);
});

test('GET /grader_images/:sha shows an image with its builds, and their logs piece by piece', async () => {
  await using api = await startApi();
  const { dockerfile_sha_sum: sha, ...request } = imageRequest(DOCKERFILE);
  await api.postImage({ ...request, dockerfile_sha_sum: sha });
  const build = await claimBuild(api.db, { builderId: 'builder 1', leaseSeconds: 60 });
  assert.ok(build !== null);
  const pieces = [
    { step: 'Step 2/2 : RUN make', output: 'make: nothing \u001b[1mto do\n' },
    { step: 'Step 2/2 : RUN make', output: 'really\n' },
  ];
  await appendBuildLog(api.db, build, { step: 'Step 2/2 : RUN make', pieces });
  const log = async (after: number) => {
    const answer = await api.request(`/api/v1/grader_images/${sha}/builds/1/log?after=${after}`);
    assert.equal(answer.status, 200);
    return Object(answer.body);
  };
  const running = await log(0);
  assert.equal(running.is_over, false);
  assert.partialDeepStrictEqual(running.pieces, pieces);
  assert.deepEqual(await log(running.pieces[1].piece), { pieces: [], is_over: false });
  const end = { kind: 'failed', reason: 'RUN make failed', imageBytes: null } as const;
  await endBuild(api.db, build, { end, timings: TIMINGS, body: '{}' });
  assert.deepEqual(await log(running.pieces[0].piece), { pieces: running.pieces.slice(1), is_over: true });

  const { body } = await api.request(`/api/v1/grader_images/${sha}`);
  const { requested_at, build_history, ...image } = Object(body);
  assert.match(requested_at, ISO);
  assert.deepEqual(image, {
    ...{
      sha,
      state: 'failed',
      failure: 'RUN make failed',
      builds: 1,
      image_bytes: null,
      archive_bytes: null,
    },
    ...{ ready_at: null, last_used_at: null, held_jobs: 0, asked_by: ['course.example.edu'] },
    dockerfile_contents: DOCKERFILE,
  });
  const logBytes = pieces.reduce((sum, { output }) => sum + Buffer.byteLength(output), 0);
  const [{ started_at, ended_at, ...story }, ...others] = build_history;
  assert.equal(others.length, 0);
  for (const time of [started_at, ended_at]) assert.match(time, ISO);
  assert.deepEqual(story, {
    ...{ id: build.buildId, number: 1, builder: 'builder 1', outcome: 'failed', reason: 'RUN make failed' },
    ...{ step: 'Step 2/2 : RUN make', log_bytes: logBytes, build_ms: 12, check_ms: null, save_ms: null },
    ...{ image_bytes: null, archive_bytes: null },
  });
});

test('GET /grader_images/:sha and its logs answer 404 for what is not known, 400 for what is no name', async () => {
  await using api = await startApi();
  const { dockerfile_sha_sum: sha } = imageRequest(DOCKERFILE);
  const rows: [path: string, status: number][] = [
    [sha, 404],
    [`${sha}/builds/1/log`, 404],
    ['builds', 400],
    ['x', 400],
    ['A'.repeat(64), 400],
    [`x/builds/1/log`, 400],
    [`${sha}/builds/0/log`, 400],
    [`${sha}/builds/1e1/log`, 400],
    [`${sha}/builds/1/log?after=-1`, 400],
    [`${sha}/builds/${'9'.repeat(16)}/log`, 400],
    [`${sha}/builds/9007199254740991/log`, 404],
  ];
  for (const [path, status] of rows) {
    const answer = await api.request(`/api/v1/grader_images/${path}`);
    assert.equal(answer.status, status, path);
    assert.equal(errorOf(answer).code, status === 404 ? 'not_found' : 'invalid_request');
  }
});

test('GET /grader_images/:sha tells a client of nobody else who asked', async () => {
  await using api = await startApi();
  const keys = { mine: 'client', 'staff key': 'staff' } as const;
  await addKey(api.db, 'admin key', 'admin', []);
  for (const [key, role] of Object.entries(keys)) await addKey(api.db, key, role);
  const admin = { 'x-api-key': 'admin key' };
  const request = imageRequest(DOCKERFILE);
  await api.postImage(request, admin);
  await api.postImage({ ...request, response_url: 'http://other.example.edu/' }, admin);
  const askedBy = async (key: string) => {
    const path = `/api/v1/grader_images/${request.dockerfile_sha_sum}`;
    const { body } = await api.request(path, { headers: { 'x-api-key': key } });
    return Object(body).asked_by;
  };
  assert.deepEqual(await askedBy('mine'), ['course.example.edu']);
  assert.deepEqual(await askedBy('staff key'), ['course.example.edu', 'other.example.edu']);
});
