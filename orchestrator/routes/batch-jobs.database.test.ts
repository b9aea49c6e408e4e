import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimJob, countJobs } from '@orca/database';
import { addKey } from '../testing/add-key.ts';
import { makeJob } from '../testing/make-job.ts';
import { errorOf, type TestAnswer } from '../testing/read-answer.ts';
import { startApi, type TestApi } from '../testing/start-api.ts';

const KIB = 1024;

function putBatch(api: TestApi, body: unknown, headers: Record<string, string> = {}): Promise<TestAnswer> {
  return api.request('/api/v1/grading_queue/batch', {
    method: 'PUT',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

/** Each result as `status code`, where it has one. */
function outcomes(answer: TestAnswer): string[] {
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  const { body } = answer;
  assert.ok(typeof body === 'object' && body !== null && 'results' in body && Array.isArray(body.results));
  assert.deepEqual(Object.keys(body), ['results']);
  return body.results.map((result) => `${result.status_code} ${result.code ?? result.message}`);
}

test('PUT /grading_queue/batch takes 200 real jobs in order, and not 201', async () => {
  await using api = await startApi();
  const padding = 'x'.repeat(5 * KIB);
  const jobs = Array.from({ length: 201 }, (_, index) =>
    makeJob({ key: `job ${index}`, script: [{ cmd: padding, on_complete: 'output' }] }),
  );
  const tooMany = await putBatch(api, { grading_jobs: jobs });
  assert.equal(tooMany.status, 400);
  assert.match(errorOf(tooMany).text, /grading_jobs: must be a list of 1 to 200 items, has 201/);
  assert.equal(await countJobs(api.db), 0);
  const answer = await putBatch(api, { grading_jobs: jobs.slice(0, 200) });
  assert.deepEqual(new Set(outcomes(answer)), new Set(['200 OK']));
  assert.equal(await countJobs(api.db), 200);
  const newest = await claimJob(api.db, { workerId: 'w1', leaseSeconds: 60 });
  assert.equal(newest?.key, 'job 199', 'the last one is the newest');
});

test('PUT /grading_queue/batch answers each job by itself: a bad one spoils no other', async () => {
  await using api = await startApi();
  await addKey(api.db, 'ours');
  const jobs = [
    makeJob({ key: 'a' }),
    17,
    null,
    { ...makeJob(), priority: '60' },
    makeJob({ response_url: 'https://other.example.edu/' }),
    makeJob({ grader_image_sha: 'a'.repeat(64) }),
    makeJob({ key: 'a' }),
    makeJob({ key: 'b', container_response_url: 'http://course.example.edu/c' }),
  ];
  const answer = await putBatch(api, { grading_jobs: jobs, immediate: true }, { 'x-api-key': 'ours' });
  assert.deepEqual(outcomes(answer), [
    ...['200 OK', '400 invalid_job', '400 invalid_job', '400 invalid_job'],
    ...['401 unauthorized', '400 unknown_image', '200 OK', '200 OK'],
  ]);
  assert.equal(await countJobs(api.db), 2);
  assert.match(JSON.stringify(answer.body), /"errors":\["priority: .*"warnings":\[".*container_response_url/);
});

test('PUT /grading_queue/batch refuses each kind of bad body', async () => {
  await using api = await startApi();
  const rows: [body: unknown, status: number, code: string, says: RegExp][] = [
    [[makeJob()], 400, 'invalid_request', /object/],
    [{}, 400, 'invalid_request', /grading_jobs: is missing/],
    [{ grading_jobs: [] }, 400, 'invalid_request', /1 to 200 items, is empty/],
    [{ grading_jobs: makeJob() }, 400, 'invalid_request', /must be a list/],
    [
      { grading_jobs: [makeJob()], immediate: 'yes' },
      400,
      'invalid_request',
      /immediate: must be true or false/,
    ],
    [{ grading_jobs: [makeJob()], imediate: true }, 400, 'invalid_request', /did you mean "immediate"/],
    [{ grading_jobs: ['x'.repeat(2 * KIB * KIB)] }, 413, 'body_too_large', /\(2 MiB\)/],
  ];
  for (const [body, status, code, says] of rows) {
    const answer = await putBatch(api, body);
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    assert.equal(errorOf(answer).code, code);
    assert.match(errorOf(answer).text, says);
  }
  const large = makeJob({ metadata_table: { large: 'x'.repeat(KIB * KIB) } });
  assert.deepEqual(outcomes(await putBatch(api, { grading_jobs: [large, makeJob()] })), [
    ...['413 body_too_large', '200 OK'],
  ]);
  assert.equal(await countJobs(api.db), 1);
});

test('PUT /grading_queue/batch counts each job as a request of its key', async () => {
  await using api = await startApi();
  const grading_jobs = Array.from({ length: 200 }, () => 17);
  // 12,000 jobs: a burst is 5,000, and a second gives 1,000 more.
  const answers = await Promise.all(Array.from({ length: 60 }, () => putBatch(api, { grading_jobs })));
  const refused = answers.filter(({ status }) => status !== 200);
  assert.ok(answers.length - refused.length >= 25, 'a burst of 5,000 is fine');
  assert.ok(refused.length > 0, 'no limit was met');
  for (const answer of refused) {
    assert.equal(answer.status, 503);
    assert.equal(errorOf(answer).code, 'overloaded');
    assert.match(answer.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
  }
});
