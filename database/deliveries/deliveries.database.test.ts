import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rotateSigningSecret, signingSecrets } from '../api-keys/signing-secrets.ts';
import type { Database } from '../connect.ts';
import { claimJob } from '../queue/claim.ts';
import { enqueueJob } from '../queue/enqueue.ts';
import { finishJob } from '../queue/finish.ts';
import { returnJob } from '../queue/lease.ts';
import { readClock } from '../read-clock.ts';
import { gradeAtOnce } from '../testing/grade-at-once.ts';
import { cloneDatabase, makeJob, passTime } from '../testing/index.ts';
import { listDeliveriesOfJob } from './browse-deliveries.ts';
import { type ClaimedDelivery, claimDelivery, nextDeliveryMs, recordDeliveryAttempt } from './deliveries.ts';

const CLAIM = { workerId: 'w1', leaseSeconds: 30, graceAfterStartSeconds: 0 } as const;
const SERVER = { serverId: 's1', leaseSeconds: 60 } as const;
const ANSWER = { statusCode: 200, durationMs: 12, answerStart: 'thanks', error: null } as const;

function claimed(delivery: ClaimedDelivery | null): ClaimedDelivery {
  if (delivery === null) throw new Error('nothing was due');
  return delivery;
}

async function claimAll(db: Database): Promise<ClaimedDelivery[]> {
  const deliveries: ClaimedDelivery[] = [];
  for (let next = await claimDelivery(db, SERVER); next !== null; next = await claimDelivery(db, SERVER)) {
    deliveries.push(next);
  }
  return deliveries;
}

test('claimDelivery() gives a result with the bytes and the id that its worker stored', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await enqueueJob(db, makeJob({ key: 'k' }));
  const run = await claimJob(db, CLAIM);
  if (run === null) throw new Error('nothing was due');
  const body = '{ "key": "k",\n"output": "\\u0000\\ud800 ü" }';
  await finishJob(db, { ...run, outcome: 'graded', gradingId: 'msg_0123', body });
  const before = await readClock(db);
  const delivery = claimed(await claimDelivery(db, SERVER));
  const { client, responseUrl } = makeJob();
  const { deliveryId, leaseToken, claimedAt } = delivery;
  assert.ok(claimedAt >= before && claimedAt <= (await readClock(db)), "by the database's clock");
  assert.deepEqual(delivery, {
    ...{ deliveryId, leaseToken, jobId: run.jobId, kind: 'result', client, body },
    ...{ webhookId: 'msg_0123', url: responseUrl, attempt: 1, hadUnclearAttempt: false },
    ...{ claimedAt, secrets: await signingSecrets(db, client), othersMs: null },
  });
  assert.equal(delivery.secrets.length, 1);
});

test('claimDelivery() tells how long no other will be due', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  for (const key of ['first', 'second']) await gradeAtOnce(db, { key });
  const first = claimed(await claimDelivery(db, SERVER));
  assert.equal(first.othersMs, 0, 'the second one is due');
  const second = claimed(await claimDelivery(db, SERVER));
  const isUntilLeaseEnds = (ms: number | null): boolean => ms !== null && ms > 30_000 && ms <= 60_000;
  assert.ok(isUntilLeaseEnds(second.othersMs), `${second.othersMs} ms: the first one is under way`);
  await recordDeliveryAttempt(db, { ...ANSWER, ...first, outcome: { kind: 'delivered' } });
  await recordDeliveryAttempt(db, { ...ANSWER, ...second, statusCode: 503, outcome: { kind: 'retry' } });
  await gradeAtOnce(db, { key: 'third' });
  const third = claimed(await claimDelivery(db, SERVER));
  assert.ok(third.othersMs !== null && third.othersMs > 0 && third.othersMs <= 6_000, `${third.othersMs} ms`);
});

test('claimDelivery() gives the secrets of its client, the current one first', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const { client } = makeJob();
  await signingSecrets(db, client);
  await signingSecrets(db, 'other.example.edu');
  await rotateSigningSecret(db, client, 3_600);
  await gradeAtOnce(db, { key: 'k' });
  const { secrets } = claimed(await claimDelivery(db, SERVER));
  assert.equal(secrets.length, 2);
  assert.deepEqual(secrets, await signingSecrets(db, client));
  await gradeAtOnce(db, { key: 'l' });
  await passTime(database.url, 3_601);
  const later = (await claimAll(db)).at(-1);
  assert.deepEqual(later?.secrets, secrets.slice(0, 1));
});

test('claimDelivery() never sends a status once there is a result', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await gradeAtOnce(db, { key: 'k' });
  assert.deepEqual(
    (await claimAll(db)).map(({ kind }) => kind),
    ['result'],
  );
  await passTime(database.url, 3600);
  assert.deepEqual(
    (await claimAll(db)).map(({ kind }) => kind),
    ['result'],
    'after the lease has run out',
  );
});

test('claimDelivery() lets a result wait for a status that is on its way', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await enqueueJob(db, makeJob());
  const run = await claimJob(db, CLAIM);
  const status = claimed(await claimDelivery(db, SERVER));
  assert.equal(status.kind, 'status');
  await finishJob(db, {
    jobId: run?.jobId ?? 0,
    leaseToken: run?.leaseToken ?? '',
    ...{ outcome: 'graded', gradingId: 'msg_1', body: '{}' },
  });
  assert.equal(await claimDelivery(db, SERVER), null);
  assert.equal(await recordDeliveryAttempt(db, { ...ANSWER, ...status, outcome: { kind: 'retry' } }), true);
  assert.equal(claimed(await claimDelivery(db, SERVER)).kind, 'result');
  await passTime(database.url, 3600);
  assert.equal(claimed(await claimDelivery(db, SERVER)).kind, 'result', 'the status is dropped');
});

test('claimDelivery() sends no result of an older generation whose server has died', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await gradeAtOnce(db, { key: 'k' });
  const old = claimed(await claimDelivery(db, SERVER));
  assert.equal(old.kind, 'result');
  // While it is on its way; with a delay, so that nothing newer is owed.
  await enqueueJob(db, makeJob({ key: 'k', delaySeconds: 86_400 }));
  await gradeAtOnce(db, { key: 'another', client: 'other.example.edu' });
  await passTime(database.url, 61);
  const clients = (await claimAll(db)).map(({ client }) => client);
  assert.deepEqual(clients, ['other.example.edu'], 'it holds up no other');
  const [shown] = await listDeliveriesOfJob(db, old.jobId ?? 0);
  assert.partialDeepStrictEqual(shown, { kind: 'result', state: 'dropped', attempts: 1 });
});

test('claimDelivery() sends only the newest of several statuses', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await enqueueJob(db, makeJob());
  for (let turn = 0; turn < 3; turn += 1) {
    const run = await claimJob(db, CLAIM);
    if (run !== null) await returnJob(db, { ...run, reason: 'shutdown', cause: 'SIGTERM' });
  }
  const deliveries = await claimAll(db);
  assert.equal(deliveries.length, 1);
  assert.match(deliveries[0]?.body ?? '', /"location":"Queue"/);
});

test('claimDelivery() has at most two under way to one host, and serves the others meanwhile', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  for (let index = 0; index < 6; index += 1)
    await gradeAtOnce(db, { key: `slow ${index}`, client: 'slow.example.edu' });
  for (let index = 0; index < 2; index += 1)
    await gradeAtOnce(db, { key: `fast ${index}`, client: 'fast.example.edu' });
  const deliveries = await Promise.all(Array.from({ length: 8 }, () => claimDelivery(db, SERVER)));
  const clients = deliveries.flatMap((delivery) => (delivery === null ? [] : [delivery.client])).sort();
  assert.deepEqual(clients, ['fast.example.edu', 'fast.example.edu', 'slow.example.edu', 'slow.example.edu']);
  const slow = deliveries.find((delivery) => delivery?.client === 'slow.example.edu') ?? null;
  await recordDeliveryAttempt(db, { ...ANSWER, ...claimed(slow), outcome: { kind: 'delivered' } });
  assert.deepEqual(
    (await claimAll(db)).map(({ client }) => client),
    ['slow.example.edu'],
  );
});

test('claimDelivery() gives a place to a host that has none before one that has, however much that is owed', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const hosts = Array.from({ length: 8 }, (_, index) => `dead-${index}.example.edu`);
  for (const client of hosts)
    for (let index = 0; index < 3; index += 1) await gradeAtOnce(db, { key: `${client} ${index}`, client });
  const first = await Promise.all(hosts.map(() => claimDelivery(db, SERVER)));
  assert.deepEqual(first.map((delivery) => delivery?.client).sort(), hosts, 'each has one');
  await gradeAtOnce(db, { key: 'late', client: 'alive.example.edu' });
  assert.equal((await claimDelivery(db, SERVER))?.client, 'alive.example.edu');
  assert.equal((await claimAll(db)).length, hosts.length, 'then the others have their second');
});

test('claimDelivery() by eight at once gives out two of one host, and none twice', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  for (let index = 0; index < 20; index += 1) await gradeAtOnce(db, { key: `job ${index}` });
  for (let round = 0; round < 10; round += 1) {
    const claims = await Promise.all(Array.from({ length: 8 }, () => claimDelivery(db, SERVER)));
    const taken = claims.filter((delivery) => delivery !== null);
    assert.equal(taken.length, 2, `round ${round}`);
    assert.notEqual(taken[0]?.deliveryId, taken[1]?.deliveryId);
    for (const delivery of taken)
      assert.ok(await recordDeliveryAttempt(db, { ...ANSWER, ...delivery, outcome: { kind: 'delivered' } }));
  }
  assert.equal(await nextDeliveryMs(db), null);
});

test('claimDelivery() takes the oldest first', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  for (const key of ['first', 'second', 'third'])
    await gradeAtOnce(db, { key, client: `${key}.example.edu` });
  const clients = (await claimAll(db)).map(({ client }) => client);
  assert.deepEqual(clients, ['first.example.edu', 'second.example.edu', 'third.example.edu']);
});
