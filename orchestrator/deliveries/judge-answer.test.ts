import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PostOutcome } from '@orca/outbound';
import { type Judgement, judgeAnswer } from './judge-answer.ts';

const UNANSWERED: PostOutcome = { kind: 'unanswered', sentence: 'the connection was cut' };
const FORBIDDEN: PostOutcome = { kind: 'forbidden', sentence: 'its address is not allowed (loopback)' };

function answered(status: number, retryAfterSeconds: number | null = null): PostOutcome {
  return { kind: 'answered', status, retryAfterSeconds, answerStart: '', location: null };
}

function judge(
  outcome: PostOutcome,
  facts: { attempt?: number; hadUnclearAttempt?: boolean } = {},
): Judgement {
  return judgeAnswer({ outcome, attempt: 1, attemptsMax: 10, hadUnclearAttempt: false, ...facts });
}

/** Every answer, judged on a first try, and on one after another whose outcome was unclear. */
const ROWS: [what: string, outcome: PostOutcome, first: Judgement['kind'], later: Judgement['kind']][] = [
  ['200', answered(200), 'delivered', 'delivered'],
  ['201', answered(201), 'delivered', 'delivered'],
  ['204', answered(204), 'delivered', 'delivered'],
  ['299', answered(299), 'delivered', 'delivered'],
  ['300', answered(300), 'refused', 'refused'],
  ['301', answered(301), 'refused', 'refused'],
  ['302', answered(302), 'refused', 'refused'],
  ['304', answered(304), 'refused', 'refused'],
  ['307', answered(307), 'refused', 'refused'],
  ['308', answered(308), 'refused', 'refused'],
  ['400', answered(400), 'refused', 'delivered'],
  ['401', answered(401), 'refused', 'refused'],
  ['403', answered(403), 'refused', 'refused'],
  ['404', answered(404), 'refused', 'delivered'],
  ['405', answered(405), 'refused', 'refused'],
  ['408', answered(408), 'retry', 'retry'],
  ['409', answered(409), 'refused', 'delivered'],
  ['410', answered(410), 'refused', 'delivered'],
  ['413', answered(413), 'refused', 'refused'],
  ['422', answered(422), 'refused', 'refused'],
  ['425', answered(425), 'retry', 'retry'],
  ['429', answered(429), 'retry', 'retry'],
  ['499', answered(499), 'refused', 'refused'],
  ['500', answered(500), 'retry', 'retry'],
  ['501', answered(501), 'retry', 'retry'],
  ['502', answered(502), 'retry', 'retry'],
  ['503', answered(503), 'retry', 'retry'],
  ['504', answered(504), 'retry', 'retry'],
  ['599', answered(599), 'retry', 'retry'],
  ['no answer', UNANSWERED, 'retry', 'retry'],
  ['an address that is not allowed', FORBIDDEN, 'refused', 'refused'],
];

for (const [what, outcome, first, later] of ROWS) {
  test(`judgeAnswer() calls ${what} ${first}, after an unclear try ${later}`, () => {
    assert.equal(judge(outcome).kind, first);
    assert.equal(judge(outcome, { attempt: 2, hadUnclearAttempt: true }).kind, later);
    assert.equal(judge(outcome, { attempt: 2 }).kind, first, 'a later try alone changes nothing');
  });
}

test('judgeAnswer() gives up after the last try and not before', () => {
  for (const outcome of [UNANSWERED, answered(500), answered(429), answered(503, 5)]) {
    assert.equal(judge(outcome, { attempt: 9 }).kind, 'retry');
    assert.deepEqual(judge(outcome, { attempt: 10 }), { kind: 'given_up' });
  }
  assert.deepEqual(judge(answered(200), { attempt: 10 }), { kind: 'delivered' });
  assert.deepEqual(judge(answered(400), { attempt: 10, hadUnclearAttempt: true }), { kind: 'delivered' });
});

test('judgeAnswer() honours Retry-After for up to an hour', () => {
  assert.deepEqual(judge(answered(503, 0)), { kind: 'retry', retryAfterSeconds: 0 });
  assert.deepEqual(judge(answered(429, 3_600)), { kind: 'retry', retryAfterSeconds: 3_600 });
  assert.deepEqual(judge(answered(503, 3_601)), { kind: 'retry', retryAfterSeconds: 3_600 });
  assert.deepEqual(judge(answered(503)), { kind: 'retry' });
  assert.deepEqual(judge(answered(404, 60)), { kind: 'refused' });
});
