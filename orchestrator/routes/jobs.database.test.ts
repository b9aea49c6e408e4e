import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimJob, countJobs, finishJob } from '@orca/database';
import { makeJob } from '../testing/make-job.ts';
import { errorOf, idOf } from '../testing/read-answer.ts';
import { startApi } from '../testing/start-api.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const MIB = 1024 * 1024;

test('PUT /grading_queue stores a job and answers its id', async () => {
  await using api = await startApi();
  const answer = await api.put(makeJob());
  assert.equal(answer.status, 200);
  const id = idOf(answer);
  assert.ok(Number.isSafeInteger(id));
  assert.deepEqual(answer.body, { message: 'OK', status: { location: 'Queue', id } });
  assert.equal(await countJobs(api.db), 1);
  assert.match(api.log(), /"msg":"job put"/);
  assert.doesNotMatch(api.log(), /s3cret|grades\/17|hello\.zip/, 'no key and no URL is logged');
});

test('PUT /grading_queue of the same job, fifty times at once, is one job', async () => {
  await using api = await startApi();
  const answers = await Promise.all(Array.from({ length: 50 }, () => api.put(makeJob())));
  assert.deepEqual(new Set(answers.map((answer) => answer.status)), new Set([200]));
  assert.equal(new Set(answers.map(idOf)).size, 1);
  assert.equal(await countJobs(api.db), 1);
});

test('PUT /grading_queue of fifty different contents for one key, at once, is one job with the last content', async () => {
  await using api = await startApi();
  const contents = Array.from({ length: 50 }, (_, index) => `content ${index}`);
  const answers = await Promise.all(
    contents.map((content) => api.put(makeJob({ metadata_table: { content } }))),
  );
  assert.deepEqual(new Set(answers.map((answer) => answer.status)), new Set([200]));
  assert.equal(new Set(answers.map(idOf)).size, 1);
  assert.equal(await countJobs(api.db), 1);
  const job = await claimJob(api.db, { workerId: 'w1', leaseSeconds: 60 });
  assert.equal(job?.generation, 50);
  assert.ok(contents.includes(job?.config.metadata_table['content'] ?? ''));
});

test('PUT /grading_queue/immediate of a job that waits brings it forward, and once it is graded changes nothing', async () => {
  await using api = await startApi();
  const immediate = (job: unknown) =>
    api.request('/api/v1/grading_queue/immediate', {
      method: 'PUT',
      headers: JSON_TYPE,
      body: JSON.stringify(job),
    });
  const job = makeJob({ priority: 600 });
  const id = idOf(await api.put(job));
  assert.equal(await claimJob(api.db, { workerId: 'w1', leaseSeconds: 60 }), null);
  assert.equal(idOf(await immediate(job)), id);
  const run = await claimJob(api.db, { workerId: 'w1', leaseSeconds: 60 });
  assert.equal(run?.jobId, id);
  assert.equal(idOf(await immediate(job)), id);
  const { jobId, leaseToken } = run ?? { jobId: 0, leaseToken: '' };
  const end = { jobId, leaseToken, outcome: 'graded', gradingId: 'msg_1', body: '{}' } as const;
  assert.equal(await finishJob(api.db, end), true, 'the run was stopped');
});

test('PUT /grading_queue/immediate stores a job too', async () => {
  await using api = await startApi();
  const body = JSON.stringify(makeJob({ priority: 600 }));
  const answer = await api.request('/api/v1/grading_queue/immediate', {
    method: 'PUT',
    headers: JSON_TYPE,
    body,
  });
  assert.equal(answer.status, 200);
  const status = await api.request(`/api/v1/grading_queue/${idOf(answer)}/status`);
  assert.equal(status.body, 'Your job is number 1 in the queue.');
});

test('PUT /grading_queue says what it accepted and does not use', async () => {
  await using api = await startApi();
  const answer = await api.put(makeJob({ container_response_url: 'http://course.example.edu/c' }));
  assert.equal(answer.status, 200);
  assert.ok(typeof answer.body === 'object' && answer.body !== null && 'warnings' in answer.body);
  assert.match(String(answer.body.warnings), /container_response_url/);
});

test('PUT /grading_queue refuses each kind of bad body with its status, code and a sentence', async () => {
  await using api = await startApi();
  const deep = `{"key":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  const nested = (depth: number): unknown => (depth === 0 ? [] : [{ cmd: 'x', on_fail: nested(depth - 1) }]);
  const rows: [what: string, body: unknown, status: number, code: string, says: RegExp][] = [
    ['malformed', '{"key": ', 400, 'invalid_json', /JSON/],
    ['empty', '', 400, 'missing_body', /body/],
    ['null', 'null', 400, 'invalid_job', /./],
    ['a list', '[]', 400, 'invalid_job', /./],
    ['a text', '"x"', 400, 'invalid_job', /./],
    ['too deep', deep, 400, 'invalid_json', /deeper than 64/],
    ['an empty script', makeJob({ script: [] }), 400, 'invalid_job', /script/],
    [
      'an unknown field',
      { ...makeJob(), responce_url: 'x' },
      400,
      'invalid_job',
      /responce_url.*response_url/,
    ],
    ['a wrong type', { ...makeJob(), priority: '60' }, 400, 'invalid_job', /priority/],
    [
      'an endless number',
      JSON.stringify(makeJob()).replace('"priority":0', '"priority":1e400'),
      400,
      'invalid_job',
      /priority/,
    ],
    ['a missing field', { ...makeJob(), files: undefined }, 400, 'invalid_job', /files/],
    ['NUL in the key', makeJob({ key: 'a\0b' }), 400, 'invalid_job', /NUL/],
    [
      '__proto__',
      `{"__proto__":{"admin":true},${JSON.stringify(makeJob()).slice(1)}`,
      400,
      'invalid_json',
      /__proto__/,
    ],
    [
      'an image that is not built',
      makeJob({ grader_image_sha: 'a'.repeat(64) }),
      400,
      'unknown_image',
      /a{64}/,
    ],
    ['a script too deep', { ...makeJob(), script: nested(20) }, 400, 'invalid_job', /deeper than 16/],
    ['past 1 MiB', makeJob({ key: 'k'.repeat(MIB) }), 413, 'body_too_large', /1 MiB/],
  ];
  for (const [what, body, status, code, says] of rows) {
    const answer = await api.put(body);
    assert.equal(answer.status, status, `${what}: ${JSON.stringify(answer.body)}`);
    const error = errorOf(answer);
    assert.equal(error.code, code, what);
    assert.match(error.text, says, what);
    assert.doesNotMatch(error.text, /node_modules|\bat \w+ \(|select |insert |Ajv|FST_/i, what);
  }
  assert.equal(await countJobs(api.db), 0);
  assert.doesNotMatch(api.log(), /"level":"(error|fatal)"/);
});
