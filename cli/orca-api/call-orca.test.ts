import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startFakeServer } from '../testing/fake-server.ts';
import { callOrca, OrcaAwayError } from './call-orca.ts';

const CALL = { method: 'POST', path: '/x', purpose: 'do it', keyNeeds: 'of the role staff' } as const;

test('callOrca() waits for an answer as long as the call may take', async () => {
  await using fake = await startFakeServer(() => null);
  const access = { server: fake.url, key: null };
  const call = callOrca(access, { ...CALL, answerTimeoutMs: 50 }, AbortSignal.timeout(10_000));
  await assert.rejects(call, (error) => error instanceof OrcaAwayError && /TimeoutError/.test(error.message));
});

test('callOrca() shows what the server says when it does not know what is stored', async () => {
  const errors = ['The database went away after 7 jobs were changed. Repeat the request'];
  await using fake = await startFakeServer(() => ({
    status: 503,
    json: { errors, code: 'outcome_unknown' },
  }));
  const call = callOrca({ server: fake.url, key: null }, CALL, AbortSignal.timeout(10_000));
  await assert.rejects(call, { message: `Cannot do it: ${errors[0]}` });
});
