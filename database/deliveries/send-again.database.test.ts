import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, claim, end, FAILED, owed, READY } from '../testing/build-image.ts';
import { cloneDatabase } from '../testing/index.ts';
import { recordDeliveryAttempt } from './deliveries.ts';
import { countDeliveriesToSendAgain, sendDeliveriesAgain, sendDeliveryAgain } from './send-again.ts';

test('an outcome that was refused is not sent again behind that of a newer build', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const { sha } = await ask(db, 'image');
  await end(db, await claim(db), FAILED, '"first"');
  const refused = {
    statusCode: 404,
    durationMs: 1,
    answerStart: '',
    error: null,
    outcome: { kind: 'refused' },
  } as const;
  const [first] = await owed(db);
  assert.ok(first !== undefined);
  await recordDeliveryAttempt(db, { ...first, ...refused });
  const which = { client: 'course.example.edu', states: ['refused'] } as const;
  assert.equal(await countDeliveriesToSendAgain(db, which), 1);
  await ask(db, 'image');
  await end(db, await claim(db), READY, '"second"');
  assert.equal(await countDeliveriesToSendAgain(db, which), 0, sha);
  assert.equal(await db.transaction((tx) => sendDeliveriesAgain(tx, which)), 0);
  const { deliveryId } = first;
  const answer = await db.transaction((tx) => sendDeliveryAgain(tx, deliveryId));
  assert.deepEqual(answer, { kind: 'superseded', client: 'course.example.edu' });
  const [second] = await owed(db);
  assert.ok(second !== undefined);
  await recordDeliveryAttempt(db, { ...second, ...refused });
  assert.equal(await countDeliveriesToSendAgain(db, which), 1, 'the newest is');
});
