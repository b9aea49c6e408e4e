import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ClaimedDelivery,
  claimDelivery,
  type DeliveryAttempt,
  listAuditTrail,
  recordDeliveryAttempt,
} from '@orca/database';
import { DeliveryListSchema, DeliveryWithTriesSchema } from '@orca/protocol';
import { Value } from 'typebox/value';
import { addKey } from '../testing/add-key.ts';
import { claimByHand, finishByHand } from '../testing/grade-by-hand.ts';
import { makeJob } from '../testing/make-job.ts';
import { errorOf, idOf } from '../testing/read-answer.ts';
import { startApi, type TestApi } from '../testing/start-api.ts';

const ALL = { actor: null, action: null, target: null };
const PAGE = { limit: 50, offset: 0 };

/** The same job of a host each time, unless `changes` say otherwise. */
async function putAgain(api: TestApi, host: string, changes = {}): Promise<number> {
  const job = makeJob({ key: `of ${host}`, response_url: `http://${host}/1?token=s3cret`, ...changes });
  return Number(idOf(await api.put(job, { 'x-api-key': 'admin' })));
}

/** A job of a host, graded by hand. */
async function grade(api: TestApi, host = 'course.example.edu', changes = {}): Promise<number> {
  const jobId = await putAgain(api, host, changes);
  await finishByHand(api.db, await claimByHand(api.db));
  return jobId;
}

/** Takes the delivery that is due, and says how its try went. */
async function tryNext(
  api: TestApi,
  outcome: DeliveryAttempt['outcome']['kind'],
  statusCode: number | null,
): Promise<ClaimedDelivery> {
  const delivery = await claimDelivery(api.db, { serverId: 'a test', leaseSeconds: 60 });
  assert.ok(delivery !== null, 'nothing is due');
  const said = { statusCode, durationMs: 12, answerStart: 'I know <b>no</b> job', error: null };
  await recordDeliveryAttempt(api.db, { ...delivery, ...said, outcome: { kind: outcome } });
  return delivery;
}

async function startWithKeys(): Promise<TestApi> {
  const api = await startApi();
  await addKey(api.db, 'client');
  await addKey(api.db, 'staff', 'staff');
  await addKey(api.db, 'foreign staff', 'staff', ['other.example.edu']);
  await addKey(api.db, 'admin', 'admin', []);
  return api;
}

const as = (key: string) => ({ headers: { 'x-api-key': key } });

async function list(api: TestApi, query = '', key = 'admin') {
  const { status, body } = await api.request(`/api/v1/deliveries${query}`, as(key));
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual([...Value.Errors(DeliveryListSchema, body)], []);
  assert.doesNotMatch(JSON.stringify(body), /s3cret|http:/);
  return Object(body);
}

function sendAgain(api: TestApi, id: number | null, body: unknown, key = 'staff') {
  const path = id === null ? 'deliveries/send_again' : `deliveries/${id}/send_again`;
  return api.request(`/api/v1/${path}`, {
    method: 'POST',
    headers: { 'x-api-key': key, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

test('GET /deliveries is a page of what the hosts of a key are owed, by state, client and kind', async () => {
  await using api = await startWithKeys();
  const mine = await grade(api);
  await tryNext(api, 'refused', 404);
  const other = await grade(api, 'other.example.edu');
  const jobs = async (query?: string, key?: string) =>
    (await list(api, query, key)).deliveries.map((one: { job_id: number }) => one.job_id);
  assert.deepEqual(await jobs(), [other, mine]);
  assert.deepEqual(await jobs('', 'client'), [mine]);
  assert.deepEqual(await jobs('?client=other.example.edu', 'client'), [], 'not of its hosts');
  assert.deepEqual(await jobs('?client=other.example.edu'), [other]);
  assert.deepEqual(await jobs('?state=refused'), [mine]);
  assert.deepEqual(await jobs('?state=pending'), [other]);
  assert.deepEqual(await jobs('?kind=image'), []);
  // The status of the graded job was dropped when its result came up; the other's waits.
  assert.deepEqual(await jobs('?kind=status&state=dropped'), [mine]);
  const first = await list(api, '?limit=1');
  assert.deepEqual(first.next, { offset: 1, limit: 1 });
  const second = await list(api, '?limit=1&offset=1');
  assert.deepEqual([second.prev, second.next], [{ offset: 0, limit: 1 }, undefined]);
  assert.equal(second.deliveries[0].job_id, mine);
  for (const query of ['?state=lost', '?kind=x', '?limit=51', '?states=refused', '?client=a&client=b'])
    assert.equal((await api.request(`/api/v1/deliveries${query}`, as('admin'))).status, 400, query);
});

test('POST /deliveries/:id/send_again begins anew with the same id and body, and the tries stay in sight', async () => {
  await using api = await startWithKeys();
  await grade(api);
  const before = await tryNext(api, 'refused', 404);
  const { deliveryId } = before;
  assert.equal((await sendAgain(api, deliveryId, undefined)).status, 200);
  const again = await tryNext(api, 'delivered', 200);
  assert.deepEqual([again.webhookId, again.body], [before.webhookId, before.body]);
  assert.equal(again.attempt, 1, 'counted anew');
  const { body } = await api.request(`/api/v1/deliveries/${deliveryId}`, as('client'));
  assert.deepEqual([...Value.Errors(DeliveryWithTriesSchema, body)], []);
  assert.partialDeepStrictEqual(body, {
    ...{ state: 'delivered', sent_again: 1, attempts: 1, last_try: { status_code: 200 } },
    tries: [
      { round: 2, attempt: 1, outcome: 'delivered', status_code: 200, duration_ms: 12 },
      { round: 1, attempt: 1, outcome: 'refused', answer_start: 'I know <b>no</b> job' },
    ],
  });
  // Whoever has it already and says so has not refused it.
  assert.equal((await sendAgain(api, deliveryId, {})).status, 200);
  assert.equal((await claimDelivery(api.db, { serverId: 'x', leaseSeconds: 60 }))?.hadUnclearAttempt, true);
  const [entry] = await listAuditTrail(api.db, ALL, PAGE);
  assert.partialDeepStrictEqual(entry, {
    ...{ action: 'send_again', target: `delivery ${deliveryId}`, role: 'staff', outcome: 'done' },
  });
  assert.match(`${entry?.actor} ${entry?.requestId}`, /^key \d+ [0-9a-f-]{36}$/);
});

test('POST /deliveries/:id/send_again refuses what is under way, dropped, superseded or a status, and says why', async () => {
  await using api = await startWithKeys();
  await grade(api);
  const status = (await list(api, '?kind=status')).deliveries[0];
  const result = (await list(api)).deliveries[0];
  const refused = async (id: number, why: RegExp) => {
    const answer = await sendAgain(api, id, undefined);
    assert.equal(answer.status, 409);
    assert.equal(errorOf(answer).code, 'conflict');
    assert.match(errorOf(answer).text, why);
  };
  await refused(status.id, /it is a status/);
  const claimed = await claimDelivery(api.db, { serverId: 'a test', leaseSeconds: 60 });
  assert.equal(claimed?.deliveryId, result.id);
  await refused(result.id, /a server is POSTing it/);
  assert.ok(claimed !== null);
  const said = { statusCode: 404, durationMs: 1, answerStart: '', error: null };
  await recordDeliveryAttempt(api.db, { ...claimed, ...said, outcome: { kind: 'refused' } });
  await putAgain(api, 'course.example.edu');
  await refused(result.id, /has newer content/);
  assert.deepEqual((await list(api, '?state=refused')).deliveries.length, 1, 'nothing was changed');
  await claimByHand(api.db); // the next generation, out of the way
  await grade(api, 'other.example.edu');
  await putAgain(api, 'other.example.edu');
  const dropped = (await list(api, '?state=dropped')).deliveries[0];
  assert.equal((await sendAgain(api, dropped.id, undefined)).status, 404, 'of another host');
  const answer = await sendAgain(api, dropped.id, undefined, 'admin');
  assert.match(errorOf(answer).text, /it was dropped/);
});

test('POST /deliveries/send_again sends what a host has not taken, and nothing of another host', async () => {
  await using api = await startWithKeys();
  for (const key of ['a', 'b', 'c']) await grade(api, 'course.example.edu', { key });
  await tryNext(api, 'refused', 404);
  await tryNext(api, 'given_up', null);
  await tryNext(api, 'delivered', 200);
  await grade(api, 'other.example.edu');
  await tryNext(api, 'refused', 404);
  const order = { client: 'course.example.edu' };
  const answered = async (body: unknown, key = 'staff') => (await sendAgain(api, null, body, key)).body;
  const counted = { message: 'OK', matched: 2, sent_again: 0, is_complete: true };
  assert.deepEqual(await answered({ ...order, dry_run: true }), counted);
  assert.deepEqual((await list(api, '?state=pending')).deliveries, [], 'only counted');
  assert.deepEqual(await answered({ ...order, state: 'given_up' }), {
    ...{ message: 'OK', matched: 1, sent_again: 1, is_complete: true },
  });
  assert.partialDeepStrictEqual(await answered(order), { sent_again: 1 });
  assert.partialDeepStrictEqual(await answered(order), { matched: 0, sent_again: 0 });
  const { deliveries } = await list(api, '?state=pending');
  assert.deepEqual(
    deliveries.map((one: { sent_again: number; client: string }) => [one.client, one.sent_again]),
    [
      ['course.example.edu', 1],
      ['course.example.edu', 1],
    ],
  );
  assert.equal((await sendAgain(api, null, order, 'foreign staff')).status, 404);
  assert.equal((await sendAgain(api, null, order, 'client')).status, 403);
  for (const body of [
    {},
    { ...order, state: 'dropped' },
    { ...order, all: true },
    { ...order, dry_run: 1 },
    [],
    'x',
  ])
    assert.equal((await sendAgain(api, null, body)).status, 400, JSON.stringify(body));
  const [, , entry] = await listAuditTrail(api.db, ALL, PAGE);
  assert.equal(entry?.outcome, 'sent again: 1 (given_up)');
});
