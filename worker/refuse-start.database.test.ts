import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeTemporaryFolder, runToEnd } from '@orca/daemon/testing';
import { cloneDatabase, pretendSchema } from '@orca/database/testing';

const MAIN = join(import.meta.dirname, 'main.ts');

test('a worker refuses a schema that is older or newer than its own with the next step, its settings in .env', async (t) => {
  await using database = await cloneDatabase();
  const folder = await makeTemporaryFolder(t);
  const lines = ['ENVIRONMENT=PRODUCTION', `POSTGRES_URL=${database.url}`, 'ORCA_WEB_SERVER_HOST=127.0.0.1'];
  await writeFile(join(folder, '.env'), `${lines.join('\n')}\nORCA_WORKER_FOLDER=${folder}\n`);
  await pretendSchema(database.db, 'newer');
  const newer = await runToEnd(MAIN, { cwd: folder });
  assert.equal(newer.status, 1);
  assert.match(newer.output, /schema of the database: it is number 9999.*update this Orca/);
  await pretendSchema(database.db, 'older');
  const older = await runToEnd(MAIN, { cwd: folder });
  assert.equal(older.status, 1);
  assert.match(older.output, /0002_.*run \\?"npm run migrate\\?" in orchestrator\//);
});

test('a worker names a folder that cannot be written to, together with the other problems', async (t) => {
  const folder = await makeTemporaryFolder(t);
  const file = join(folder, 'a file');
  await writeFile(file, '');
  const env = { ORCA_WORKER_FOLDER: file, ORCA_CONCURRENCY: '0' };
  const { status, output } = await runToEnd(MAIN, { env, cwd: folder });
  assert.equal(status, 1);
  for (const name of ['POSTGRES_URL', 'ORCA_CONCURRENCY', 'ORCA_WORKER_FOLDER'])
    assert.match(output, new RegExp(`^Cannot .*${name}`, 'm'));
  assert.equal(output.trim().split('\n').length, 3, output);
});
