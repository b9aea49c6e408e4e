import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findImage, findImageDemand, listImages, requestImage } from '@orca/database';
import { BASE_IMAGE_DOCKERFILE } from '@orca/protocol';
import { addKey } from '../testing/add-key.ts';
import { hearImages } from '../testing/hear-images.ts';
import { buildByHand, imageRequest, shaOfText } from '../testing/make-image.ts';
import { errorOf } from '../testing/read-answer.ts';
import { startApi } from '../testing/start-api.ts';

const DOCKERFILE = 'FROM orca-grader-base\nRUN echo s3cret\n';

test('POST /grader_images answers OK while the image is to be built, and something else when it is there', async () => {
  await using api = await startApi();
  const request = imageRequest(DOCKERFILE);
  for (let post = 0; post < 2; post += 1) {
    const answer = await api.postImage(request);
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.body, { message: 'OK' });
  }
  await buildByHand(api.db, 'ready');
  assert.deepEqual((await api.postImage(request)).body, { message: 'The grader image is there already.' });
  assert.equal((await findImage(api.db, request.dockerfile_sha_sum))?.dockerfile, DOCKERFILE);
  assert.match(api.log(), /"client":"course.example.edu","state":"queued","msg":"grader image asked for"/);
  assert.doesNotMatch(api.log(), /s3cret|FROM|images\/1/);
});

test('POST /grader_images takes a Dockerfile that breaks a rule where its image was built before there was one', async () => {
  await using api = await startApi();
  const dockerfile = 'FROM orca-grader-base\nVOLUME /v\nRUN true\n';
  const request = imageRequest(dockerfile);
  assert.equal((await api.postImage(request)).status, 400);
  const old = { sha: request.dockerfile_sha_sum, dockerfile, recipient: null, askedBy: 'before' };
  await requestImage(api.db, old);
  assert.equal((await api.postImage(request)).status, 400, 'it would have to be built');
  await buildByHand(api.db, 'ready');
  const answer = await api.postImage(request);
  assert.deepEqual([answer.status, answer.body], [200, { message: 'The grader image is there already.' }]);
});

test('POST /grader_images builds again what failed', async () => {
  await using api = await startApi();
  await api.postImage(imageRequest(DOCKERFILE));
  await buildByHand(api.db, { reason: 'RUN failed' });
  assert.deepEqual((await api.postImage(imageRequest(DOCKERFILE))).body, { message: 'OK' });
  assert.equal((await findImage(api.db, shaOfText(DOCKERFILE)))?.state, 'queued');
});

test('POST /grader_images of the base image’s own Dockerfile says that it is there', async () => {
  await using api = await startApi();
  const answer = await api.postImage(imageRequest(BASE_IMAGE_DOCKERFILE));
  assert.equal(answer.status, 200);
  assert.match(JSON.stringify(answer.body), /there already/);
});

test('POST /grader_images remembers each client that asks', async () => {
  await using api = await startApi();
  for (const host of ['a.example.edu', 'B.example.edu:8443'])
    await api.postImage(imageRequest(DOCKERFILE, `https://${host}/images/1`));
  const { askedBy } = await findImageDemand(api.db, shaOfText(DOCKERFILE));
  assert.deepEqual(askedBy, ['a.example.edu', 'b.example.edu']);
});

test('POST /grader_images says what will not be as its author may expect', async () => {
  await using api = await startApi();
  const answer = await api.postImage(imageRequest('FROM orca-grader-base\nCMD ["python3"]\n'));
  assert.equal(answer.status, 200);
  assert.partialDeepStrictEqual(answer.body, { message: 'OK' });
  assert.match(String(Object(answer.body).warnings), /dockerfile_contents: line 2: /);
});

test('POST /grader_images refuses each kind of bad body with its code and a sentence, and stores nothing', async () => {
  await using api = await startApi();
  const request = imageRequest(DOCKERFILE);
  const rows: [what: string, body: unknown, code: string, says: RegExp][] = [
    [
      'another checksum',
      { ...request, dockerfile_sha_sum: 'a'.repeat(64) },
      'invalid_image',
      /^dockerfile_sha_sum: /,
    ],
    [
      'a checksum that is none',
      { ...request, dockerfile_sha_sum: '../x' },
      'invalid_image',
      /^dockerfile_sha_sum: /,
    ],
    ['another base', imageRequest('FROM ubuntu\n'), 'invalid_image', /^dockerfile_contents: line 1: /],
    [
      'another base at last',
      imageRequest('FROM orca-grader-base\nFROM busybox\n'),
      'invalid_image',
      /line 2/,
    ],
    [
      'a remote ADD',
      imageRequest('FROM orca-grader-base\nADD http://169.254.169.254/ /x\n'),
      'invalid_image',
      /line 2/,
    ],
    ['no URL', { ...request, response_url: 'course' }, 'invalid_image', /^response_url: /],
    ['an unknown field', { ...request, dockerfile: 'x' }, 'invalid_image', /^dockerfile: unknown field/],
    ['nothing of it', {}, 'invalid_image', /dockerfile_contents/],
    ['null', 'null', 'invalid_image', /body/],
    ['no JSON', '{', 'invalid_json', /JSON/],
    ['nothing', '', 'missing_body', /body/],
  ];
  for (const path of ['', '/builds']) {
    const known = path === '' ? rows : rows.filter(([, body]) => typeof body === 'string');
    for (const [what, body, code, says] of known) {
      const answer = await api.postImage(body, {}, path);
      assert.equal(answer.status, 400, what);
      const error = errorOf(answer);
      assert.equal(error.code, code, what);
      assert.match(error.text, says, what);
      assert.doesNotMatch(error.text, /s3cret/, what);
    }
  }
  assert.equal(errorOf(await api.postImage({ ...request }, {}, '/builds')).code, 'invalid_image');
  // The base image is always there.
  assert.equal((await listImages(api.db, { limit: 10, offset: 0 })).total, 1);
});

test('POST /grader_images for a host that the key does not name is answered as a wrong key is', async () => {
  await using api = await startApi();
  await addKey(api.db, 'mine');
  const foreign = imageRequest(DOCKERFILE, 'http://victim.example.edu/');
  const refused = await api.postImage(foreign, { 'x-api-key': 'mine' });
  const wrong = await api.postImage(imageRequest(DOCKERFILE), { 'x-api-key': 'wrong' });
  for (const answer of [refused, wrong]) assert.equal(answer.status, 401);
  assert.deepEqual(errorOf(refused), errorOf(wrong));
  assert.equal(await findImage(api.db, shaOfText(DOCKERFILE)), null);
});

test('POST /grader_images/builds asks for a build that nobody is POSTed about', async () => {
  await using api = await startApi();
  await addKey(api.db, 'staff key', 'staff');
  const post = () =>
    api.postImage({ dockerfile_contents: DOCKERFILE }, { 'x-api-key': 'staff key' }, '/builds');
  const sha = shaOfText(DOCKERFILE);
  assert.deepEqual((await post()).body, { message: 'OK', sha, state: 'queued' });
  await buildByHand(api.db, 'ready');
  const there = { message: 'The grader image is there already.', sha, state: 'ready' };
  assert.deepEqual((await post()).body, there);
  assert.match((await findImageDemand(api.db, sha)).askedBy.join(), /^key \d+$/);
});

test('POST /grader_images wakes the builders', async () => {
  await using api = await startApi();
  await using builder = await hearImages(api.proxy.url);
  await api.postImage(imageRequest(DOCKERFILE));
  await builder.heard;
});
