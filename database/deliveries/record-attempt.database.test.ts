import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gradeAtOnce } from '../testing/grade-at-once.ts';
import { cloneDatabase, passTime } from '../testing/index.ts';
import { type ClaimedDelivery, claimDelivery, nextDeliveryMs, recordDeliveryAttempt } from './deliveries.ts';
import { sendDeliveryAgain } from './send-again.ts';

const SERVER = { serverId: 's1', leaseSeconds: 60 } as const;
const ANSWER = { statusCode: 200, durationMs: 12, answerStart: 'thanks', error: null } as const;

function claimed(delivery: ClaimedDelivery | null): ClaimedDelivery {
  if (delivery === null) throw new Error('nothing was due');
  return delivery;
}

test('recordDeliveryAttempt() schedules the next try with the same id and body, and counts it', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await gradeAtOnce(db, { key: 'k' });
  const first = claimed(await claimDelivery(db, SERVER));
  const failed = {
    ...ANSWER,
    ...first,
    statusCode: 503,
    outcome: { kind: 'retry', retryAfterSeconds: 100 },
  } as const;
  await recordDeliveryAttempt(db, failed);
  assert.equal(await claimDelivery(db, SERVER), null);
  const waitMs = (await nextDeliveryMs(db)) ?? 0;
  assert.ok(waitMs > 50_000 && waitMs <= 100_000, `${waitMs} ms`);
  await passTime(database.url, 100);
  const second = claimed(await claimDelivery(db, SERVER));
  assert.equal(second.attempt, 2);
  assert.equal(second.hadUnclearAttempt, true);
  assert.equal(second.webhookId, first.webhookId);
  assert.equal(second.body, first.body);
});

test('recordDeliveryAttempt() does not call an attempt unclear that the client has understood', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await gradeAtOnce(db, { key: 'k' });
  const first = claimed(await claimDelivery(db, SERVER));
  await recordDeliveryAttempt(db, { ...ANSWER, ...first, statusCode: 429, outcome: { kind: 'retry' } });
  await passTime(database.url, 100);
  assert.equal(claimed(await claimDelivery(db, SERVER)).hadUnclearAttempt, false);
});

test('recordDeliveryAttempt() does not call an attempt unclear of which nothing was sent', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await gradeAtOnce(db, { key: 'k' });
  const first = claimed(await claimDelivery(db, SERVER));
  const forbidden = {
    statusCode: null,
    error: 'its address is not allowed',
    outcome: { kind: 'refused' },
  } as const;
  await recordDeliveryAttempt(db, { ...ANSWER, ...first, ...forbidden });
  assert.equal((await db.transaction((tx) => sendDeliveryAgain(tx, first.deliveryId))).kind, 'sent_again');
  assert.equal(claimed(await claimDelivery(db, SERVER)).hadUnclearAttempt, false);
});

test('recordDeliveryAttempt() ends a delivery for good', async () => {
  for (const kind of ['delivered', 'refused', 'given_up'] as const) {
    await using database = await cloneDatabase();
    const { db } = database;
    await gradeAtOnce(db, { key: 'k' });
    const delivery = claimed(await claimDelivery(db, SERVER));
    assert.equal(await recordDeliveryAttempt(db, { ...ANSWER, ...delivery, outcome: { kind } }), true);
    await passTime(database.url, 100_000);
    assert.equal(await claimDelivery(db, SERVER), null, kind);
    assert.equal(await nextDeliveryMs(db), null, kind);
  }
});

test('a delivery whose server died is tried again by another, as one whose outcome is unclear', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await gradeAtOnce(db, { key: 'k' });
  const first = claimed(await claimDelivery(db, SERVER));
  await passTime(database.url, 59);
  assert.equal(await claimDelivery(db, SERVER), null);
  await passTime(database.url, 2);
  const second = claimed(await claimDelivery(db, { ...SERVER, serverId: 's2' }));
  assert.equal(second.webhookId, first.webhookId);
  assert.equal(second.hadUnclearAttempt, true);
  const late = { ...ANSWER, ...first, outcome: { kind: 'delivered' } } as const;
  assert.equal(await recordDeliveryAttempt(db, late), false, 'its lease is no longer this one');
});

test('recordDeliveryAttempt() keeps what staff want to see, whatever the client sends', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await gradeAtOnce(db, { key: 'k' });
  const delivery = claimed(await claimDelivery(db, SERVER));
  const answerStart = `\0${'ü'.repeat(2_000)}`;
  const tried = { ...ANSWER, ...delivery, statusCode: null, answerStart, error: 'reset\0' };
  assert.equal(await recordDeliveryAttempt(db, { ...tried, outcome: { kind: 'retry' } }), true);
  const [kept] = await db.query<{ answer_start: string; error: string; attempt: number }>({
    name: 'read_attempt',
    text: 'select answer_start, error, attempt from orca.delivery_attempts',
    writes: false,
  });
  assert.equal(kept?.answer_start.length, 1024);
  assert.equal(kept?.error, 'reset\ufffd');
  assert.equal(kept?.attempt, 1);
});
