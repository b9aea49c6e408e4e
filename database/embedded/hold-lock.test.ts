import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import path from 'node:path';
import { askHolder, holdLock } from './hold-lock.ts';

test('holdLock() lets one have it at a time, and the next when it is let go', async () => {
  const name = `test ${crypto.randomUUID()}`;
  const first = await holdLock(name, 0);
  assert.notEqual(first, null);
  assert.equal(await holdLock(name, 0), null);
  const waiting = holdLock(name, 5_000);
  await first?.[Symbol.asyncDispose]();
  const second = await waiting;
  assert.notEqual(second, null);
  await second?.[Symbol.asyncDispose]();
});

test('askHolder() says which process holds a lock', async () => {
  const name = `test ${crypto.randomUUID()}`;
  assert.equal(await askHolder(name), null);
  await using _ = await holdLock(name, 0);
  assert.equal(await askHolder(name), process.pid);
});

test('holdLock() gets the lock of a process that was killed', async () => {
  const name = `test ${crypto.randomUUID()}`;
  const module = pathToFileURL(path.join(import.meta.dirname, 'hold-lock.ts')).href;
  const script = `const { holdLock } = await import(${JSON.stringify(module)});
    await holdLock(${JSON.stringify(name)}, 0); console.log('held'); setInterval(() => {}, 1e6);`;
  const holder = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  assert.equal(await holdLock(name, 0), null);
  assert.equal(await askHolder(name), holder.pid);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  await using lock = await holdLock(name, 5_000);
  assert.notEqual(lock, null);
});
