import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimBuild } from '@orca/database';
import { baseImageSha } from '@orca/protocol';
import { buildByHand, imageRequest } from '../testing/make-image.ts';
import { errorOf } from '../testing/read-answer.ts';
import { startApi } from '../testing/start-api.ts';

test('an image’s status is a sentence for anybody, for any well-formed sha', async () => {
  await using api = await startApi();
  const say = async (sha: string) => {
    const answer = await api.request(`/api/v1/grader_images/status/${sha}`, {
      headers: { 'x-api-key': 'wrong' },
    });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('access-control-allow-origin'), '*');
    assert.match(answer.headers.get('content-type') ?? '', /^application\/json/);
    return String(answer.body);
  };
  const request = imageRequest('FROM orca-grader-base\nRUN true\n');
  const sha = request.dockerfile_sha_sum;
  assert.match(await say(sha), /^No grader image with this checksum is known\.$/);
  assert.match(await say(baseImageSha()), /ready/);
  await api.postImage(request);
  assert.match(await say(sha), /number 1 in the queue of images/);
  await buildByHand(api.db, { reason: 'Step 2 failed' });
  assert.match(await say(sha), /failed to build: Step 2 failed/);
  await api.postImage(request);
  await claimBuild(api.db, { builderId: 'a test', leaseSeconds: 60 });
  assert.match(await say(sha), /is being built/);
});

test('the status route of images refuses what is no sha, and lets pages of any origin ask', async () => {
  await using api = await startApi();
  for (const sha of [
    'x',
    'A'.repeat(64),
    'a'.repeat(63),
    'a'.repeat(65),
    '%00',
    '..%2f..',
    'a'.repeat(500),
  ]) {
    const answer = await api.request(`/api/v1/grader_images/status/${sha}`);
    assert.equal(answer.status, 400, sha);
    assert.equal(errorOf(answer).code, 'invalid_request');
  }
  const headers = { origin: 'https://course.example.edu', 'access-control-request-method': 'GET' };
  const url = `${api.url}/api/v1/grader_images/status/${'a'.repeat(64)}`;
  const preflight = await fetch(url, { method: 'OPTIONS', headers });
  assert.equal(preflight.status, 204);
  assert.equal(preflight.headers.get('access-control-allow-origin'), '*');
});
