import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runProgram } from './run-program.ts';

const env = { PATH: '/usr/bin:/bin' };
const never = new AbortController().signal;

test('runProgram() follows both streams line by line, and gives no input', async () => {
  const lines: string[] = [];
  const end = await runProgram(
    ['sh', '-c', 'echo out; echo err >&2; cat'],
    { env, onLine: (line) => lines.push(line) },
    never,
  );
  assert.deepEqual(end, { kind: 'succeeded' });
  assert.deepEqual(lines.sort(), ['err', 'out']);
});

test('runProgram() tells the status and the last lines of a program that fails', async () => {
  const end = await runProgram(['sh', '-c', 'seq 100; exit 3'], { env }, never);
  assert.equal(end.kind, 'failed');
  assert.ok(end.kind === 'failed');
  assert.equal(end.status, 3);
  assert.equal(end.tail, Array.from({ length: 30 }, (_, index) => index + 71).join('\n'));
});

test('runProgram() says that there is no such program', async () => {
  assert.deepEqual(await runProgram(['orca-no-such-program'], { env }, never), { kind: 'missing' });
});

test('runProgram() stops the program when it is called off, and throws the reason', async () => {
  const controller = new AbortController();
  const reason = new Error('called off');
  const running = runProgram(
    ['sh', '-c', 'echo $$; exec sleep 60'],
    { env, onLine: () => controller.abort(reason) },
    controller.signal,
  );
  await assert.rejects(running, reason);
});
