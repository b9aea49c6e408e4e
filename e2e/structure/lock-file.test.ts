import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completeLock, missingPackages, readLockFile } from './lock-file.ts';

test('the lock file holds the packages of every platform, and no address of a registry', async () => {
  const lock = await readLockFile();
  assert.ok(Object.keys(lock.packages).length > 100);
  assert.deepEqual(missingPackages(lock), [], 'npm left packages out: run "npm run lock:complete"');
  assert.doesNotMatch(JSON.stringify(lock), /"resolved":"http/);
});

test('completeLock() adds what is missing by its name, and changes nothing that is there', () => {
  const parent = { version: '1.2.0', dev: true, optionalDependencies: { '@x/cli-linux-x64-musl': '1.2.0' } };
  const lock = { lockfileVersion: 3, packages: { '': {}, 'node_modules/@x/cli': parent } };
  const added = { version: '1.2.0', cpu: ['x64'], libc: ['musl'], optional: true, os: ['linux'], dev: true };
  assert.deepEqual(completeLock(lock), {
    lockfileVersion: 3,
    packages: { '': {}, 'node_modules/@x/cli': parent, 'node_modules/@x/cli-linux-x64-musl': added },
  });
  assert.deepEqual(completeLock(completeLock(lock)), completeLock(lock));
  const nameless = { packages: { a: { optionalDependencies: { strange: '1.0.0' } } } };
  assert.throws(() => completeLock(nameless), /Cannot add "strange"/);
});
