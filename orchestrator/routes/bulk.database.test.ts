import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimJob, finishJob } from '@orca/database';
import { addKey } from '../testing/add-key.ts';
import { makeJob } from '../testing/make-job.ts';
import { errorOf, idOf } from '../testing/read-answer.ts';
import { startApi, type TestApi } from '../testing/start-api.ts';

const COURSE = { metadata_table: { course: 'CS 1' } };

async function put(api: TestApi, user: string, overrides = {}, headers = {}): Promise<number> {
  const job = makeJob({ key: user, collation: { type: 'user', id: user }, ...overrides });
  return Number(idOf(await api.put(job, headers)));
}

async function bulk(api: TestApi, body: unknown, headers: Record<string, string> = {}) {
  return api.request('/api/v1/grading_queue/bulk', {
    ...{ method: 'POST', headers: { 'content-type': 'application/json', ...headers } },
    body: JSON.stringify(body),
  });
}

/** An answer without the moment of its look, which is no longer ago than a test lasts. */
function countsOf(body: unknown): object {
  const { as_of: asOf, ...counts } = Object(body);
  assert.ok(Math.abs(Date.now() - Date.parse(asOf)) < 600_000, asOf);
  return counts;
}

async function idsIn(api: TestApi): Promise<number[]> {
  const { body } = await api.request('/api/v1/grading_queue');
  return Object(body).grading_jobs.map(({ id }: { id: number }) => id);
}

async function gradeNext(api: TestApi): Promise<number> {
  const run = await claimJob(api.db, { workerId: 'w', leaseSeconds: 30 });
  assert.ok(run !== null);
  const { jobId, leaseToken } = run;
  const result = { outcome: 'graded', gradingId: `msg_${leaseToken}`, body: '{}' } as const;
  assert.ok(await finishJob(api.db, { jobId, leaseToken, ...result }));
  return jobId;
}

test('POST /grading_queue/bulk counts without doing anything, then cancels what it counted', async () => {
  await using api = await startApi();
  const one = await put(api, '1');
  const two = await put(api, '2', { metadata_table: { course: 'CS 2' } });
  const three = await put(api, '3');
  const order = { action: 'cancel', filter: COURSE };
  const found = { matched: 2, has_more: false, ids: [one, three] };
  const counted = await bulk(api, { ...order, dry_run: true });
  assert.deepEqual(countsOf(counted.body), { ...found, changed: 0, skipped: 0 });
  assert.deepEqual(await idsIn(api), [one, two, three]);
  const done = await bulk(api, { ...order, dry_run: false });
  assert.deepEqual(countsOf(done.body), { ...found, changed: 2, skipped: 0 });
  assert.deepEqual(await idsIn(api), [two]);
  const again = await bulk(api, { ...order, dry_run: false });
  assert.partialDeepStrictEqual(again.body, { matched: 0, changed: 0 });
});

test('POST /grading_queue/bulk moves jobs to an end of the line in their own order', async () => {
  await using api = await startApi();
  const ids: number[] = [];
  for (const user of ['1', '2', '3', '4'])
    ids.push(await put(api, user, user < '3' ? { metadata_table: { course: 'CS 2' } } : {}));
  const [a, b, c, d] = ids;
  assert.equal((await bulk(api, { action: 'release', filter: COURSE, dry_run: false })).status, 200);
  assert.deepEqual(await idsIn(api), [c, d, a, b]);
  assert.equal((await bulk(api, { action: 'delay', filter: COURSE, dry_run: false })).status, 200);
  assert.deepEqual(await idsIn(api), [a, b, c, d]);
});

test('POST /grading_queue/bulk grades finished jobs once more, and no others', async () => {
  await using api = await startApi();
  const one = await put(api, '1');
  const two = await put(api, '2');
  assert.equal(await gradeNext(api), one);
  const order = { action: 'regrade', filter: COURSE, dry_run: false };
  const regraded = await bulk(api, order);
  const { as_of: asOf } = Object(regraded.body);
  assert.deepEqual(countsOf(regraded.body), {
    matched: 1,
    has_more: false,
    ids: [one],
    changed: 1,
    skipped: 0,
  });
  assert.deepEqual(await idsIn(api), [two, one]);
  const { body } = await api.request('/api/v1/grading_queue?limit=1&offset=1');
  assert.partialDeepStrictEqual(Object(body).grading_jobs[0], { id: one, generation: 2 });
  assert.deepEqual([await gradeNext(api), await gradeNext(api)], [two, one]);
  const rest = { ...order, filter: { ...COURSE, arrived_before: asOf } };
  const others = await bulk(api, rest);
  assert.partialDeepStrictEqual(others.body, { ids: [two], changed: 1 }, 'none a second time');
});

test('POST /grading_queue/bulk says how far it came when the database goes away in the middle', async () => {
  await using api = await startApi();
  await addKey(api.db, 'mine');
  const key = { 'x-api-key': 'mine' };
  for (let job = 0; job < 12; job += 1) await put(api, `${job}`, {}, key);
  api.proxy.cutAfterSending('job 12');
  const broken = await bulk(api, { action: 'cancel', filter: COURSE, dry_run: false }, key);
  assert.equal(broken.status, 503);
  assert.equal(errorOf(broken).code, 'outcome_unknown');
  assert.match(errorOf(broken).text, /went away after 11 jobs were changed\. Repeat the request/);
});

test('POST /grading_queue/bulk finds jobs by client, collation, image and time', async () => {
  await using api = await startApi();
  const one = await put(api, '1');
  const two = await put(api, '2', { response_url: 'https://other.example.edu/' });
  const rows: [object, number[]][] = [
    [{ client: 'other.example.edu' }, [two]],
    [{ collation: { type: 'user', id: '1' } }, [one]],
    [{ grader_image_sha: 'a'.repeat(64) }, []],
    [{ grader_image_sha: makeJob().grader_image_sha }, [one, two]],
    [{ arrived_before: '2020-01-01T00:00:00Z' }, []],
    [{ arrived_after: '2020-01-01T00:00:00.5Z' }, [one, two]],
    [{ state: 'held' }, []],
    [{ state: 'waiting' }, [one, two]],
    [{ metadata_table: { "'; drop table orca.jobs; --": '<script>' } }, []],
  ];
  for (const [filter, ids] of rows) {
    const { status, body } = await bulk(api, { action: 'cancel', filter, dry_run: true });
    assert.equal(status, 200, JSON.stringify(body));
    assert.partialDeepStrictEqual(body, { matched: ids.length, ids }, JSON.stringify(filter));
  }
});

test("POST /grading_queue/bulk touches the jobs of the key's own hosts only", async () => {
  await using api = await startApi();
  await addKey(api.db, 'admin', 'admin', []);
  await addKey(api.db, 'client', 'client');
  const admin = { 'x-api-key': 'admin' };
  const mine = await put(api, '1', {}, admin);
  await put(api, '2', { response_url: 'https://other.example.edu/' }, admin);
  const client = { 'x-api-key': 'client' };
  const theirs = { action: 'cancel', filter: { client: 'other.example.edu' }, dry_run: false };
  assert.partialDeepStrictEqual((await bulk(api, theirs, client)).body, { matched: 0, ids: [] });
  const all = { action: 'cancel', filter: COURSE, dry_run: false };
  assert.partialDeepStrictEqual((await bulk(api, all, client)).body, { changed: 1, ids: [mine] });
});

test('POST /grading_queue/bulk refuses what it does not understand, and changes nothing', async () => {
  await using api = await startApi();
  const id = await put(api, '1');
  const good = { action: 'cancel', filter: { state: 'waiting' }, dry_run: false };
  const rows: [unknown, RegExp][] = [
    [{ ...good, filter: {} }, /^filter: must name at least one field/],
    [{ ...good, action: 'drop' }, /^action: /],
    [{ ...good, dry_run: 'yes' }, /^dry_run: /],
    [{ action: 'cancel', filter: { state: 'waiting' } }, /dry_run/],
    [{ ...good, filter: { state: 'finished' } }, /^filter\.state: must be one of waiting, held, grading/],
    [{ ...good, filter: { status: 'waiting' } }, /^filter: unknown field "status"|^filter\.status/],
    [{ ...good, filter: { arrived_before: 'yesterday' } }, /^filter\.arrived_before: /],
    [{ ...good, filter: { arrived_before: '2026-99-99T00:00:00Z' } }, /^filter\.arrived_before: /],
    [{ ...good, filter: { grader_image_sha: 'x' } }, /^filter\.grader_image_sha: /],
    [{ ...good, filter: { metadata_table: { a: 1 } } }, /^filter\.metadata_table\.a: /],
    [{ ...good, filter: { metadata_table: { a: '\0' } } }, /NUL/],
    [[], /object/],
  ];
  for (const [body, sentence] of rows) {
    const answer = await bulk(api, body);
    assert.equal(answer.status, 400, JSON.stringify(body));
    assert.match(errorOf(answer).text, sentence);
    assert.doesNotMatch(errorOf(answer).text, /orca\.|select/);
  }
  assert.deepEqual(await idsIn(api), [id]);
});
