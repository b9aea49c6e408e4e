import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { test } from 'node:test';
import { takeLock, waitForLock } from './hold-lock.ts';

const MODULE = new URL('./hold-lock.ts', import.meta.url).href;
const never = new AbortController().signal;

test('takeLock() gives a lock to one process and tells the other who has it', async () => {
  const name = randomUUID();
  const first = await takeLock(name);
  assert.equal(first.kind, 'held');
  assert.deepEqual(await takeLock(name), { kind: 'taken', pid: process.pid });
  assert.equal((await takeLock(`${name} other`)).kind, 'held');
  if (first.kind === 'held') await first.lock[Symbol.asyncDispose]();
  assert.equal((await takeLock(name)).kind, 'held');
});

test('takeLock() gets the lock of a process that was killed', async () => {
  const name = randomUUID();
  const source = `
    import { takeLock } from ${JSON.stringify(MODULE)};
    await takeLock(${JSON.stringify(name)});
    console.log('held');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  assert.deepEqual(await takeLock(name), { kind: 'taken', pid: child.pid });
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal((await takeLock(name)).kind, 'held');
});

test('waitForLock() comes through when the holder lets go, and says once whom it waits for', async () => {
  const name = randomUUID();
  const first = await waitForLock(name, () => assert.fail('nobody has it'), never);
  const told = Promise.withResolvers<number | null>();
  const second = waitForLock(name, told.resolve, never);
  assert.equal(await told.promise, process.pid);
  await first[Symbol.asyncDispose]();
  await (await second)[Symbol.asyncDispose]();
});

test('waitForLock() ends when it is called off', async () => {
  const name = randomUUID();
  await using _held = await waitForLock(name, () => undefined, never);
  const controller = new AbortController();
  const waiting = waitForLock(name, () => controller.abort(new Error('called off')), controller.signal);
  await assert.rejects(waiting, /called off/);
});
