import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '@orca/daemon';
import { countJobs, listApiKeys } from '@orca/database';
import { cloneDatabase } from '@orca/database/testing';
import { createAuthenticate, isStillKnown } from './authenticate.ts';
import { addKey } from './testing/add-key.ts';
import { makeJob } from './testing/make-job.ts';
import { startApi, type TestApi } from './testing/start-api.ts';

const KEY = 'a'.repeat(64);

/** An answer without what differs each time. */
function shownBy(answer: { status: number; body: unknown; headers: Headers }): unknown {
  const { request_id, ...body } = Object(answer.body);
  assert.equal(typeof request_id, 'string');
  return { status: answer.status, body, challenge: answer.headers.get('www-authenticate') };
}

test('without any key, loopback is let in as admin, and the log says so once', async () => {
  await using api = await startApi();
  assert.equal((await api.put(makeJob())).status, 200);
  assert.equal((await api.put(makeJob({ key: '2' }), { 'x-api-key': 'whatever' })).status, 200);
  assert.equal(api.log().match(/no API key is configured/g)?.length, 1);
});

test('in production, no key is no entry', async () => {
  await using api = await startApi({ production: true });
  assert.equal((await api.put(makeJob())).status, 401);
  await addKey(api.db, KEY);
  assert.equal((await api.put(makeJob(), { 'x-api-key': KEY })).status, 200);
});

test('a missing, empty, wrong, doubled or huge key is answered alike', async () => {
  await using api = await startApi();
  await addKey(api.db, KEY);
  const wrong = await api.put(makeJob(), { 'x-api-key': 'b'.repeat(64) });
  assert.equal(wrong.status, 401);
  const others: Record<string, string>[] = [
    {},
    { 'x-api-key': '' },
    { 'x-api-key': `${KEY}, ${KEY}` },
    { 'x-api-key': KEY.toUpperCase() },
    { 'x-api-key': 'k'.repeat(10_240) },
    { authorization: `Bearer ${KEY}` },
  ];
  for (const headers of others) assert.deepEqual(shownBy(await api.put(makeJob(), headers)), shownBy(wrong));
  assert.equal(await countJobs(api.db), 0);
  assert.doesNotMatch(api.log(), /aaaa|bbbb|kkkk/);
});

test('a key is asked for before the body is looked at', async () => {
  await using api = await startApi();
  await addKey(api.db, KEY);
  for (const body of ['{', '', 'x'.repeat(2 * 1024 * 1024)]) assert.equal((await api.put(body)).status, 401);
  for (const path of ['validate_grading_job', 'validate_grading_script']) {
    assert.equal((await api.request(`/api/v1/${path}`, { method: 'POST' })).status, 401);
  }
});

test('a job for a host that the key does not name is answered as a wrong key is', async () => {
  await using api = await startApi();
  await addKey(api.db, KEY, 'staff', ['course.example.edu', 'other.example.edu']);
  await addKey(api.db, 'admin key', 'admin', []);
  const put = (responseUrl: string, key: string, headers: Record<string, string> = {}) =>
    api.put(makeJob({ key: responseUrl, response_url: responseUrl }), { ...headers, 'x-api-key': key });
  assert.equal((await put('https://OTHER.example.edu:8443/x', KEY)).status, 200);
  assert.equal((await put('https://victim.example.edu/x', 'admin key')).status, 200);
  const wrong = await api.put(makeJob(), { 'x-api-key': 'wrong' });
  const spoofs = { 'x-forwarded-for': 'https://victim.example.edu/', forwarded: 'host=victim.example.edu' };
  assert.deepEqual(shownBy(await put('https://victim.example.edu/x', KEY, spoofs)), shownBy(wrong));
  assert.deepEqual(shownBy(await put('https://example.edu/x', KEY)), shownBy(wrong));
  assert.deepEqual(shownBy(await put('https://course.example.edu.evil.example/x', KEY)), shownBy(wrong));
});

test('isStillKnown() tells a key that asks too often from one that is known no more, also while wrong ones flood', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await addKey(db, KEY);
  await addKey(db, 'other');
  const log = createLogger({ name: 'test', level: 'silent', pretty: false });
  const keyRate = { perSecond: 0.001, burst: 2 };
  const authenticate = createAuthenticate({ db, production: true, log, keyRate });
  const ask = (key: string) => authenticate(key, '192.0.2.1');
  for (let request = 0; request < 300; request += 1) await ask('wrong');
  assert.equal((await ask('wrong')).kind, 'too_many');
  for (let request = 0; request < 3; request += 1) assert.equal(isStillKnown(await ask(KEY)), true);
  assert.equal((await ask(KEY)).kind, 'too_many');
  assert.equal(isStillKnown(await ask('a key that was revoked')), false);
});

test('a request leaves the time at which its key was used', async () => {
  await using api = await startApi();
  await addKey(api.db, KEY);
  await addKey(api.db, 'another key');
  assert.equal((await api.put(makeJob(), { 'x-api-key': KEY })).status, 200);
  const deadline = performance.now() + 10_000;
  const areUsed = async () => (await listApiKeys(api.db)).map(({ lastUsedAt }) => lastUsedAt !== null);
  while (!(await areUsed())[0]) assert.ok(performance.now() < deadline, 'the use was never written');
  assert.deepEqual(await areUsed(), [true, false]);
});

test('wrong keys from one address are slowed down, right ones are not', async () => {
  await using api = await startApi();
  await addKey(api.db, KEY);
  const statuses: number[] = [];
  let last: Awaited<ReturnType<TestApi['put']>> | undefined;
  for (let attempt = 0; attempt < 600 && !statuses.includes(503); attempt += 1) {
    last = await api.put(makeJob(), { 'x-api-key': `wrong ${attempt}` });
    statuses.push(last.status);
  }
  assert.ok(statuses.length > 200, 'a burst is let through');
  assert.equal(last?.status, 503);
  assert.ok(Number(last?.headers.get('retry-after')) >= 1);
  assert.equal((await api.put(makeJob(), { 'x-api-key': KEY })).status, 200);
});

test('a key is known by the SHA-256 of its bytes, whatever characters it is made of', async () => {
  await using api = await startApi();
  await addKey(api.db, 'schlüssel \u{1F511}');
  const sent = Buffer.from('schlüssel \u{1F511}').toString('latin1');
  assert.equal((await api.put(makeJob(), { 'x-api-key': sent })).status, 200);
  assert.equal((await api.put(makeJob(), { 'x-api-key': 'schlussel' })).status, 401);
});
