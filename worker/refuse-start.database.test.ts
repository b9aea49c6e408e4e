import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { cloneDatabase } from '@orca/database/testing';

const MAIN = join(import.meta.dirname, 'main.ts');
const DEADLINE_MS = 30_000;

/** Runs a worker that does not start, in a folder, with these variables and no others. */
async function run(env: Record<string, string>, cwd: string) {
  const ended = Promise.withResolvers<{ status: unknown; output: string }>();
  execFile(process.execPath, [MAIN], { env, cwd, timeout: DEADLINE_MS }, (error, stdout, stderr) =>
    ended.resolve({ status: error === null ? 0 : error.code, output: stdout + stderr }),
  );
  return ended.promise;
}

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'orca-refuse-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const statement = (text: string) => ({ name: text.slice(0, 20), text, writes: true });

test('a worker refuses a schema that is older or newer than its own with the next step, its settings in .env', async (t) => {
  await using database = await cloneDatabase();
  const folder = await temporaryFolder(t);
  const lines = ['ENVIRONMENT=PRODUCTION', `POSTGRES_URL=${database.url}`, 'ORCA_WEB_SERVER_HOST=127.0.0.1'];
  await writeFile(join(folder, '.env'), `${lines.join('\n')}\nORCA_WORKER_FOLDER=${folder}\n`);
  await database.db.query(
    statement(`insert into orca.migrations (number, name) values (9999, '9999_future')`),
  );
  const newer = await run({}, folder);
  assert.equal(newer.status, 1);
  assert.match(newer.output, /schema is number 9999.*update this worker/);
  await database.db.query(statement('drop schema orca cascade'));
  const older = await run({}, folder);
  assert.equal(older.status, 1);
  assert.match(older.output, /0001_queue.*run \\?"npm run migrate\\?" in orchestrator\//);
});

test('a worker names a folder that cannot be written to, together with the other problems', async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, 'a file');
  await writeFile(file, '');
  const { status, output } = await run({ ORCA_WORKER_FOLDER: file, ORCA_CONCURRENCY: '0' }, folder);
  assert.equal(status, 1);
  for (const name of ['POSTGRES_URL', 'ORCA_CONCURRENCY', 'ORCA_WORKER_FOLDER'])
    assert.match(output, new RegExp(`^Cannot .*${name}`, 'm'));
  assert.equal(output.trim().split('\n').length, 3, output);
});
