import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimJob, countJobs, finishJob } from '@orca/database';
import { addKey } from '../testing/add-key.ts';
import { makeJob } from '../testing/make-job.ts';
import { errorOf, idOf, type TestAnswer } from '../testing/read-answer.ts';
import { startApi, type TestApi } from '../testing/start-api.ts';

const CLAIM = { workerId: 'w1', leaseSeconds: 600 } as const;
const OK = { message: 'OK' };

function move(api: TestApi, body: unknown, headers: Record<string, string> = {}): Promise<TestAnswer> {
  return api.request('/api/v1/grading_queue/move', {
    method: 'PUT',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

function cancel(api: TestApi, id: unknown, headers: Record<string, string> = {}): Promise<TestAnswer> {
  return api.request(`/api/v1/grading_queue/${id}`, { method: 'DELETE', headers });
}

function assertError(answer: TestAnswer, status: number, code: string, says: RegExp): void {
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  const error = errorOf(answer);
  assert.equal(error.code, code);
  assert.match(error.text, says);
}

test('PUT /grading_queue/move puts a job before or behind the others', async () => {
  await using api = await startApi();
  const ids: unknown[] = [];
  for (const key of ['a', 'b', 'c']) {
    ids.push(idOf(await api.put(makeJob({ key, collation: { type: 'user', id: key } }))));
  }
  const released = await move(api, { jobID: ids[2], moveAction: 'release' });
  assert.deepEqual([released.status, released.body], [200, OK]);
  const delayed = await move(api, { jobID: ids[0], moveAction: 'delay' });
  assert.deepEqual([delayed.status, delayed.body], [200, OK]);
  const order: unknown[] = [];
  for (let turn = 0; turn < 2; turn += 1) order.push((await claimJob(api.db, CLAIM))?.jobId);
  assert.deepEqual(order, [ids[2], ids[1]]);
  assert.match(api.log(), /"action":"delay".*"msg":"job moved"/);
});

test('PUT /grading_queue/move refuses each kind of bad body, and says what is allowed', async () => {
  await using api = await startApi();
  const rows: [body: unknown, code: string, says: RegExp][] = [
    ['', 'missing_body', /./],
    ['{', 'invalid_json', /JSON/],
    ['[]', 'invalid_request', /object/],
    [{}, 'invalid_request', /jobID: is missing[\s\S]*moveAction: is missing; must be "release" or "delay"/],
    [{ jobID: '17', moveAction: 'release' }, 'invalid_request', /jobID: must be an integer.*"17"/],
    [{ jobID: 1.5, moveAction: 'release' }, 'invalid_request', /jobID: must be an integer/],
    [{ jobID: 0, moveAction: 'release' }, 'invalid_request', /jobID: must be an integer of at least 1/],
    ['{"jobID":9007199254740993,"moveAction":"delay"}', 'invalid_request', /jobID/],
    [{ jobID: 17, moveAction: 'front' }, 'invalid_request', /moveAction: must be "release" or "delay"/],
    [{ jobID: 17, moveAction: 'delay', force: true }, 'invalid_request', /unknown field "force"/],
  ];
  for (const [body, code, says] of rows) assertError(await move(api, body), 400, code, says);
});

test('PUT /grading_queue/move answers 404 for a job that does not wait, unknown, or is not the key’s', async () => {
  await using api = await startApi();
  await addKey(api.db, 'ours');
  await addKey(api.db, 'theirs', 'client', ['other.example.edu']);
  const ours = { 'x-api-key': 'ours' };
  const jobID = idOf(await api.put(makeJob(), ours));
  const body = { jobID, moveAction: 'delay' };
  const foreign = await move(api, body, { 'x-api-key': 'theirs' });
  assertError(foreign, 404, 'not_found', /none that this key may see/);
  const unknown = await move(api, { ...body, jobID: Number(jobID) + 1 }, ours);
  assert.equal(
    errorOf(unknown).text,
    errorOf(foreign).text.replace(String(jobID), String(Number(jobID) + 1)),
  );
  await claimJob(api.db, CLAIM);
  assertError(await move(api, body, ours), 404, 'job_not_waiting', /it is being graded/);
});

test('DELETE /grading_queue/:jobID cancels a job, once', async () => {
  await using api = await startApi();
  const id = idOf(await api.put(makeJob()));
  // A client that names a type for all of its requests.
  const answer = await cancel(api, id, { 'content-type': 'application/json' });
  assert.deepEqual([answer.status, answer.body], [200, OK]);
  assert.equal(await countJobs(api.db), 0);
  const status = await api.request(`/api/v1/grading_queue/${id}/status`);
  assert.match(String(status.body), /cancelled/);
  assertError(await cancel(api, id), 404, 'job_finished', /has finished already \(cancelled\)/);
  assert.doesNotMatch(api.log(), /s3cret/);
});

test('DELETE /grading_queue/:jobID says that a job is finished, unknown, foreign or no id', async () => {
  await using api = await startApi();
  await addKey(api.db, 'ours');
  await addKey(api.db, 'theirs', 'staff', ['other.example.edu']);
  const ours = { 'x-api-key': 'ours' };
  const id = idOf(await api.put(makeJob(), ours));
  assertError(await cancel(api, id, { 'x-api-key': 'theirs' }), 404, 'not_found', /none that this key/);
  assertError(await cancel(api, 4_000_000_000, ours), 404, 'not_found', /none that this key/);
  for (const bad of ['0', '-1', '1.5', '12abc', '9'.repeat(500), '%00'])
    assertError(await cancel(api, bad, ours), 400, 'invalid_request', /whole number/);
  const run = await claimJob(api.db, CLAIM);
  if (run !== null) await finishJob(api.db, { ...run, outcome: 'graded', gradingId: 'msg_1', body: '{}' });
  assertError(await cancel(api, id, ours), 404, 'job_finished', /has finished already \(graded\)/);
});

test('what moved or cancelled a job stands in the audit trail with who did it, and what was refused does not', async () => {
  await using api = await startApi();
  await addKey(api.db, 'admin key', 'admin', []);
  const headers = { 'x-api-key': 'admin key' };
  const jobId = idOf(await api.put(makeJob({ key: 'a' }), headers));
  await move(api, { jobID: jobId, moveAction: 'release' }, headers);
  await move(api, { jobID: 4_000_000_000, moveAction: 'release' }, headers);
  await cancel(api, jobId, headers);
  await cancel(api, jobId, headers);
  const trail = await api.request('/api/v1/audit_trail', { headers });
  const entries: { action: string; target: string; role: string; key_id: number }[] = Object(
    trail.body,
  ).entries;
  assert.deepEqual(
    entries.map(({ action, target, role }) => `${role} ${action} ${target}`),
    [`admin cancel job ${jobId}`, `admin release job ${jobId}`],
  );
});
