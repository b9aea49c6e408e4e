import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeClock, SKEW_FAIL_MS, SKEW_WARN_MS } from './clock.ts';
import { judgePlainHttp, judgeServer } from './orchestrator.ts';

const SERVER = new URL('http://orca.example.edu:4000/');
const LOCAL = new URL('http://127.0.0.1:4000/');
const ANSWER = { status: 200, isOrca: true, jobs: 3, skewMs: 0 };

test('judgeServer() fails for a worker that reaches no server, or another one, and warns elsewhere', () => {
  const refused = new Error('fetch failed', { cause: new Error('connect ECONNREFUSED 10.0.0.1:4000') });
  assert.equal(judgeServer(SERVER, ANSWER, 'worker').kind, 'ok');
  assert.equal(judgeServer(SERVER, refused, 'worker').kind, 'fail');
  const local = judgeServer(SERVER, refused, 'all');
  assert.match(local.kind === 'warn' ? local.now : '', /ECONNREFUSED/);
  assert.equal(judgeServer(SERVER, { ...ANSWER, isOrca: false, status: 502 }, 'all').kind, 'fail');
});

test('judgePlainHttp() warns in production of what anybody on the way can read', () => {
  const judge = (server: URL, listens: string | null, isProduction = true): string =>
    judgePlainHttp({ server, listens, isProduction }).kind;
  assert.equal(judge(SERVER, null), 'warn');
  assert.equal(judge(SERVER, null, false), 'ok');
  assert.equal(judge(new URL('https://orca.example.edu/'), null), 'ok');
  assert.equal(judge(LOCAL, '0.0.0.0'), 'warn');
  assert.equal(judge(LOCAL, '127.0.0.1'), 'ok');
});

test('judgeClock() warns and fails at its thresholds, whichever clock is ahead', () => {
  for (const sign of [1, -1]) {
    const judge = (skewMs: number, exactMs = 0): string => judgeClock('x', sign * skewMs, exactMs).kind;
    assert.deepEqual(
      [judge(SKEW_WARN_MS - 1), judge(SKEW_WARN_MS), judge(SKEW_FAIL_MS - 1), judge(SKEW_FAIL_MS)],
      ['ok', 'warn', 'warn', 'fail'],
    );
    assert.equal(judge(SKEW_WARN_MS + 999, 1_000), 'ok');
  }
  const verdict = judgeClock('the database', -90_000, 0);
  assert.match(verdict.kind === 'fail' ? verdict.now : '', /the database is 90\.0 s behind this one/);
});
