import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COLLATION_ID_CHARACTERS_MAX, type GradingJobConfig, QueueListSchema } from '@orca/protocol';
import { Value } from 'typebox/value';
import { addKey } from '../testing/add-key.ts';
import { makeJob } from '../testing/make-job.ts';
import { errorOf, idOf } from '../testing/read-answer.ts';
import { startApi, type TestApi } from '../testing/start-api.ts';

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** A job of its own submitter. */
function jobOf(user: string, overrides: Partial<GradingJobConfig> = {}): GradingJobConfig {
  return makeJob({ key: `secret key of ${user}`, collation: { type: 'user', id: user }, ...overrides });
}

async function list(api: TestApi, query = '', headers: Record<string, string> = {}) {
  const { status, body } = await api.request(`/api/v1/grading_queue${query}`, { headers });
  assert.equal(status, 200, JSON.stringify(body));
  assert.ok(Value.Check(QueueListSchema, body), JSON.stringify([...Value.Errors(QueueListSchema, body)]));
  return body;
}

const idsIn = ({ grading_jobs }: { grading_jobs: { id: number }[] }) => grading_jobs.map(({ id }) => id);

test('GET /grading_queue of an empty queue has zeroes and no links', async () => {
  await using api = await startApi();
  const none = { avg: 0, min: 0, max: 0, num: 0 };
  assert.deepEqual(await list(api), {
    ...{ grading_jobs: [], total: 0, stats: { all: none, released: none }, filter_info: {} },
  });
});

test('GET /grading_queue shows what a job is, and none of its secrets', async () => {
  await using api = await startApi();
  const job = jobOf('7', { priority: 60.5, metadata_table: { course: '<b>CS 1</b>', b: '2', a: "O'Brien" } });
  const id = idOf(await api.put(job));
  const answer = await list(api);
  const { created_at, release_at, ...shown } = answer.grading_jobs[0] ?? {};
  assert.match(String(created_at), ISO);
  assert.match(String(release_at), ISO);
  assert.equal(Date.parse(String(release_at)) - Date.parse(String(created_at)), 60_500);
  assert.deepEqual(shown, {
    ...{ id, state: 'waiting', client: 'course.example.edu', collation: { type: 'user', id: '7' } },
    ...{ metadata_table: job.metadata_table, priority: 60.5, generation: 1, is_immediate: false },
    ...{ grader_image_sha: job.grader_image_sha, faults: 0, is_released: false },
  });
  assert.deepEqual(answer.filter_info, { course: ['<b>CS 1</b>'], b: ['2'], a: ["O'Brien"] });
  assert.partialDeepStrictEqual(answer, { total: 1, stats: { all: { num: 1 }, released: { num: 0 } } });
  assert.doesNotMatch(JSON.stringify(answer), /s3cret|secret key|signature|https?:/);
});

test('GET /grading_queue pages through the queue by its links', async () => {
  await using api = await startApi();
  for (let user = 1; user <= 5; user += 1) await api.put(jobOf(String(user)));
  const all = idsIn(await list(api));
  assert.equal(all.length, 5);
  const first = await list(api, '?limit=2');
  assert.deepEqual(first.next, { offset: 2, limit: 2 });
  assert.deepEqual(first.last, { offset: 4, limit: 2 });
  assert.ok(!('first' in first) && !('prev' in first));
  const second = await list(api, '?offset=2&limit=2');
  assert.deepEqual([second.first, second.prev], Array(2).fill({ offset: 0, limit: 2 }));
  const last = await list(api, '?limit=2&offset=4');
  assert.ok(!('next' in last) && !('last' in last));
  assert.deepEqual([first, second, last].flatMap(idsIn), all);
  assert.deepEqual(
    [first, second, last].map(({ total }) => total),
    [5, 5, 5],
  );
  const beyond = await list(api, '?limit=2&offset=10000');
  assert.deepEqual(idsIn(beyond), []);
  assert.deepEqual(beyond.prev, { offset: 4, limit: 2 }, 'back to where jobs are');
});

test('GET /grading_queue counts what its page shows, though the rest of what it says of the queue may be older', async () => {
  await using api = await startApi();
  const first = idOf(await api.put(jobOf('1')));
  assert.equal((await list(api)).total, 1);
  await api.put(jobOf('2'));
  assert.equal((await list(api)).total, 2);
  assert.equal((await list(api, '?limit=1')).total, 2);
  await api.request(`/api/v1/grading_queue/${first}`, { method: 'DELETE' });
  const left = await list(api);
  assert.deepEqual([left.total, idsIn(left).length, left.next], [1, 1, undefined]);
  assert.deepEqual([(await list(api, '?offset=1')).total], [1]);
});

test('GET /grading_queue filters by metadata and by collation', async () => {
  await using api = await startApi();
  const one = idOf(await api.put(jobOf('1', { metadata_table: { course: 'CS 1', grader: 'x&y=z' } })));
  const two = idOf(await api.put(jobOf('2', { metadata_table: { course: 'CS 2', grader: '' } })));
  const rows: [string, unknown[]][] = [
    ['?filter_type=course&filter_value=CS%201', [one]],
    ['?filter_type=grader&filter_value=x%26y%3Dz', [one]],
    ['?filter_type=grader&filter_value=', [two]],
    ['?filter_type=&filter_value=', [one, two]],
    ['?filter_type=constructor&filter_value=x', []],
    ["?filter_type=course&filter_value=';drop table orca.jobs;--", []],
    ['?filter_type=course&filter_value=%25', []],
    ['?collation_id=2', [two]],
    ['?collation_type=team', []],
    ['?collation_type=user&filter_type=course&filter_value=CS 1', [one]],
  ];
  for (const [query, expected] of rows) {
    const answer = await list(api, query);
    assert.deepEqual(idsIn(answer), expected, query);
    assert.equal(answer.total, expected.length, query);
    assert.equal(answer.stats.all.num, 2, 'of the whole queue');
    assert.deepEqual(answer.filter_info['course'], ['CS 1', 'CS 2']);
  }
});

test('GET /grading_queue finds a submitter by the longest id that a job may have', async () => {
  await using api = await startApi();
  const longest = '🦭'.repeat(COLLATION_ID_CHARACTERS_MAX);
  const id = idOf(await api.put(jobOf(longest, { key: 'a short one' })));
  await api.put(jobOf('2'));
  assert.deepEqual(idsIn(await list(api, `?collation_id=${encodeURIComponent(longest)}`)), [id]);
});

test('GET /grading_queue shows each key the jobs of its hosts, in its filters and totals too', async () => {
  await using api = await startApi();
  await addKey(api.db, 'admin', 'admin', []);
  await addKey(api.db, 'client', 'client');
  await addKey(api.db, 'staff', 'staff', ['other.example.edu']);
  await addKey(api.db, 'both', 'client', ['other.example.edu', 'course.example.edu']);
  const admin = { 'x-api-key': 'admin' };
  const other = { response_url: 'https://other.example.edu/', metadata_table: { theirs: 'secret course' } };
  const mine = idOf(await api.put(jobOf('1'), admin));
  const theirs = idOf(await api.put(jobOf('2', other), admin));
  const rows: [string, unknown[], string[]][] = [
    ['admin', [mine, theirs], ['course', 'theirs']],
    ['both', [mine, theirs], ['course', 'theirs']],
    ['client', [mine], ['course']],
    ['staff', [theirs], ['theirs']],
  ];
  for (const [key, ids, fields] of rows) {
    const answer = await list(api, '', { 'x-api-key': key });
    assert.deepEqual(idsIn(answer), ids, key);
    assert.deepEqual(Object.keys(answer.filter_info).sort(), fields, key);
    assert.deepEqual([answer.total, answer.stats.all.num], [ids.length, ids.length], key);
  }
  const query = '?filter_type=theirs&filter_value=secret%20course';
  assert.deepEqual(idsIn(await list(api, query, { 'x-api-key': 'client' })), []);
});

test('GET /grading_queue refuses each bad parameter with a sentence that names it', async () => {
  await using api = await startApi();
  const number = (name: string, max: string) =>
    new RegExp(`^${name}: must be a whole number from \\d to ${max}$`);
  const rows: [string, RegExp][] = [
    ...['0', '51', '-1', '1e3', '1e9', 'abc', '', '5.0', ' 5', "1';--", '9'.repeat(400)].map(
      (value): [string, RegExp] => [`limit=${encodeURIComponent(value)}`, number('limit', '50')],
    ),
    ...['-1', '10001', '1e3', 'abc', '', '<b>'].map((value): [string, RegExp] => [
      `offset=${encodeURIComponent(value)}`,
      number('offset', '10000'),
    ]),
    ['limit=1&limit=2', number('limit', '50')],
    ['offset=1&offset=1', number('offset', '10000')],
    ['filter_type=course', /^filter_value: must stand beside filter_type$/],
    ['filter_value=x', /^filter_type: must name a metadata field/],
    ['filter_type=&filter_value=x', /^filter_type: must name a metadata field/],
    ['filter_type=a&filter_type=b&filter_value=x', /^filter_type: must stand once$/],
    ['filter_type=a&filter_value=x&filter_value=y', /^filter_value: must stand once$/],
    ['filter_type=__proto__&filter_value=x', /^filter_type: no job has a metadata field "__proto__"$/],
    ['filter_type=a&filter_value=%00', /^filter_value: must not contain NUL$/],
    [`filter_type=a&filter_value=${'x'.repeat(1_025)}`, /^filter_value: must be at most 1024 bytes/],
    [`filter_type=${'ü'.repeat(600)}&filter_value=x`, /^filter_type: must be at most 1024 bytes/],
    [`collation_id=${'x'.repeat(1_025)}`, /^collation_id: must be at most 1024 bytes/],
    ['collation_type=User', /^collation_type: must be "user" or "team"$/],
    ['sort=;%20drop', /^unknown parameter "sort"; there are limit, offset, /],
    ['%3Cimg%20src=x%3E=1', /^unknown parameter "<img src"/],
  ];
  for (const [query, sentence] of rows) {
    const answer = await api.request(`/api/v1/grading_queue?${query}`);
    assert.equal(answer.status, 400, query);
    const { code, text } = errorOf(answer);
    assert.equal(code, 'invalid_request');
    assert.match(text, sentence);
    assert.doesNotMatch(text, /select|orca\.|\n {4}at /);
  }
});

test('GET /grading_queue is 503 while the database is away, and right again afterwards', async () => {
  await using api = await startApi();
  await api.put(jobOf('1'));
  api.proxy.cut();
  const away = await api.request('/api/v1/grading_queue?filter_type=course&filter_value=CS 1');
  assert.equal(away.status, 503);
  assert.ok(Number(away.headers.get('retry-after')) > 0);
  api.proxy.mend();
  assert.equal((await list(api, '?filter_type=course&filter_value=CS 1')).total, 1);
});
