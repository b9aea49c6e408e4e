import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countJobs } from '@orca/database';
import { addKey } from './testing/add-key.ts';
import { imageRequest } from './testing/make-image.ts';
import { makeJob } from './testing/make-job.ts';
import { errorOf, idOf, type TestAnswer } from './testing/read-answer.ts';
import { startApi, type TestApi } from './testing/start-api.ts';

const KEY = { 'x-api-key': 'a key' };
const SHA = 'a'.repeat(64);
/** A wait for a connection (5 s), then one for an answer (8 s), and some for a busy machine. */
const ANSWERED_SECONDS_MAX = 20;

/** One request for each way in which routes ask the database: with a key, with a worker's token, and public. */
const REQUESTS: Record<string, (api: TestApi) => Promise<TestAnswer>> = {
  'PUT a job': (api) => api.put(makeJob(), KEY),
  'POST an image': (api) => api.postImage(imageRequest('FROM orca-grader-base\n# away\n'), KEY),
  'the list of images': (api) => api.request('/api/v1/grader_images', { headers: KEY }),
  'a wrong key': (api) => api.put(makeJob(), { 'x-api-key': 'wrong' }),
  'no key': (api) => api.put(makeJob()),
  status: (api) => api.request('/status'),
  'status of the API': (api) => api.request('/api/v1/status'),
  'status of a job': (api) => api.request('/api/v1/grading_queue/1/status'),
  'status of a held job': (api) => api.request('/api/v1/holding_pen/1/status'),
  'status of an image': (api) => api.request(`/api/v1/grader_images/status/${SHA}`),
  'an image for a worker': (api) =>
    api.request(`/images/${SHA}.tgz`, {
      headers: { authorization: `Bearer ${crypto.randomUUID()}.${'ab'.repeat(32)}` },
    }),
};

/** Everything at once, more than there are connections. */
async function askAll(api: TestApi): Promise<void> {
  const startedAt = performance.now();
  const answers = Object.entries({ ...REQUESTS }).flatMap(([name, ask]) =>
    [ask, ask].map(async (one): Promise<[string, TestAnswer]> => [name, await one(api)]),
  );
  for (const [name, answer] of await Promise.all(answers)) {
    assert.equal(answer.status, 503, name);
    assert.match(String(errorOf(answer).code), /^(database_unreachable|outcome_unknown)$/, name);
    assert.ok(Number(answer.headers.get('retry-after')) >= 1, name);
    assert.doesNotMatch(JSON.stringify(answer.body), /select|ECONN|postgres:|5432/i, name);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  assert.ok(seconds < ANSWERED_SECONDS_MAX, `the last answer came after ${seconds} s`);
}

/** The first answers may still find a connection that is dead. */
async function isBack(api: TestApi): Promise<void> {
  const deadline = performance.now() + 10_000;
  while ((await api.request('/api/v1/status')).status !== 200)
    assert.ok(performance.now() < deadline, 'it is back within 10 s');
  assert.equal((await api.put(makeJob(), KEY)).status, 200);
  assert.equal(await countJobs(api.db), 1, 'and nothing was stored twice');
}

async function startWithKey(): Promise<TestApi> {
  const api = await startApi({ production: true });
  await addKey(api.db, 'a key', 'staff');
  return api;
}

test('while PostgreSQL refuses connections, every route that needs it answers 503, and is back by itself', async () => {
  await using api = await startWithKey();
  await api.request('/api/v1/status');
  api.proxy.cut();
  await askAll(api);
  assert.equal((await api.request('/')).status, 200, 'what needs no database is answered');
  assert.equal((await api.request('/api/v1/openapi.json')).status, 200);
  api.proxy.mend();
  await isBack(api);
});

test('while PostgreSQL is silent, every route that needs it answers 503 in bounded time, and is back by itself', async () => {
  await using api = await startWithKey();
  await Promise.all(Array.from({ length: 5 }, () => api.request('/api/v1/status')));
  api.proxy.silence();
  await askAll(api);
  api.proxy.mend();
  await isBack(api);
});

/** What the statement is called that stores a new job by itself; other changes are transactions. */
const INSERT = 'insert_ready_job';

test('a PUT whose COMMIT was sent and not answered says to repeat it; repeated, it has no effect twice', async () => {
  await using api = await startWithKey();
  const before = await api.put(makeJob(), KEY);
  const changed = makeJob({ script: [{ cmd: 'false', on_complete: 'output' }] });
  api.proxy.cutAfterSending('commit');
  unknownOutcome(await api.put(changed, KEY));
  const again = await api.put(changed, KEY);
  assert.equal(again.status, 200);
  assert.equal(idOf(again), idOf(before));
  const puts = api
    .log()
    .split('\n')
    .filter((line) => line.includes('"msg":"job put"'));
  assert.match(puts.at(-1) ?? '', /"change":"same"/, 'it had been stored');
  assert.equal(await countJobs(api.db), 1);
});

test('a PUT whose one statement was sent and not answered says to repeat it; repeated, there is one job', async () => {
  await using api = await startWithKey();
  assert.equal((await api.put(makeJob({ key: 'warm' }), KEY)).status, 200);
  api.proxy.cutAfterSending(INSERT);
  unknownOutcome(await api.put(makeJob(), KEY));
  assert.equal(await countJobs(api.db), 2, 'it had been stored');
  assert.equal((await api.put(makeJob(), KEY)).status, 200);
  assert.equal(await countJobs(api.db), 2);
});

function unknownOutcome(answer: TestAnswer): void {
  assert.equal(answer.status, 503);
  const { code, text } = errorOf(answer);
  assert.equal(code, 'outcome_unknown');
  assert.match(text, /Repeat the same request/);
  assert.ok(Number(answer.headers.get('retry-after')) >= 1);
}

test('a PUT that is cut in the middle of an answer of PostgreSQL is 200 or 503; repeated, there is one job', async () => {
  await using api = await startWithKey();
  assert.equal((await api.put(makeJob({ key: 'warm' }), KEY)).status, 200);
  let jobs = 1;
  let cuts = 0;
  for (const bytes of [1, 7, 30, 60, 100, 150, 200, 300, 500]) {
    for (const key of ['changed', `cut after ${bytes}`]) {
      const job = makeJob({ key, script: [{ cmd: `echo ${bytes}`, on_complete: 'output' }] });
      api.proxy.cutAfterReceiving(bytes);
      const first = await api.put(job, KEY);
      if (first.status === 503) cuts += 1;
      else assert.equal(first.status, 200, `${bytes}: ${JSON.stringify(first.body)}`);
      api.proxy.mend();
      const again = await api.put(job, KEY);
      assert.equal(again.status, 200, `${bytes}: ${JSON.stringify(again.body)}`);
      if (first.status === 200) assert.equal(idOf(first), idOf(again));
    }
    jobs += 1;
    assert.equal(await countJobs(api.db), jobs + 1, `after ${bytes} bytes`);
  }
  assert.ok(cuts >= 5, `only ${cuts} were cut`);
});
