import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { UserError } from '../user-error.ts';
import { lockData } from './lock-data.ts';

test('lockData() makes the folder, and refuses it to a second one under any name, saying who has it', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'orca-lock-'));
  t.after(() => rm(root, { recursive: true }));
  const folder = join(root, 'a', 'b');
  const { lock, dataDir } = await lockData(folder);
  assert.ok((await stat(dataDir)).isDirectory());
  await symlink(folder, join(root, 'other name'));
  await assert.rejects(
    lockData(join(root, 'other name')),
    (error) => error instanceof UserError && error.message.includes(`process ${process.pid} already runs`),
  );
  await lock[Symbol.asyncDispose]();
  const again = await lockData(folder);
  await again.lock[Symbol.asyncDispose]();
});

test('lockData() says why a folder cannot be made', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'orca-lock-'));
  t.after(() => rm(root, { recursive: true }));
  await writeFile(join(root, 'file'), '');
  await assert.rejects(lockData(join(root, 'file', 'data')), {
    name: 'UserError',
    message: `Cannot use "${join(root, 'file', 'data')}" for the data: it cannot be made (ENOTDIR)`,
  });
});
