import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Check, runCheck } from './run-check.ts';

const OPTIONS = { folder: '/', env: { PATH: '/usr/bin:/bin' } };
const never = new AbortController().signal;

function check(...program: [string, ...string[]]): Check {
  return { name: 'a check', program };
}

test('runCheck() tells whether it passed, and what it wrote on both streams', async () => {
  const passed = await runCheck(check('sh', '-c', 'pwd'), OPTIONS, never);
  assert.deepEqual([passed.passed, passed.output], [true, '/\n']);
  const failed = await runCheck(check('sh', '-c', 'echo wrong >&2; exit 1'), OPTIONS, never);
  assert.deepEqual([failed.passed, failed.output], [false, 'wrong\n']);
});

test('runCheck() counts a program that is not there, and one that was killed, as failed', async () => {
  const missing = await runCheck(check('orca-no-such-program'), OPTIONS, never);
  assert.equal(missing.passed, false);
  assert.match(missing.output, /ENOENT/);
  const killed = await runCheck(check('sh', '-c', 'kill -9 $$'), OPTIONS, never);
  assert.equal(killed.passed, false);
});

test('runCheck() ends when it is called off', async () => {
  const controller = new AbortController();
  const running = runCheck(check('sleep', '60'), OPTIONS, controller.signal);
  controller.abort(new Error('called off'));
  await assert.rejects(running, /called off/);
});
