import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connectDatabase, listApiKeys, migrate } from '@orca/database';
import { removePostgres, startPostgres } from '@orca/database/embedded';
import { cloneDatabase } from '@orca/database/testing';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
const DEADLINE_MS = 60_000;
const OTHERS_MAY_ENTER = 0o755;

/** Runs `orca keys …` in a folder without `.env`, with these variables and no others. */
async function orcaKeys(env: Record<string, string>, ...args: string[]) {
  const options = { env, cwd: '/', timeout: DEADLINE_MS } as const;
  const child = spawn(process.execPath, [MAIN, 'keys', ...args], {
    ...options,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { stdout, stderr, status };
}

async function makeFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'orca-keys-'));
  await chmod(folder, OTHERS_MAY_ENTER);
  t.after(async () => {
    await removePostgres(join(folder, 'postgres'));
    await rm(folder, { recursive: true, force: true });
  });
  return folder;
}

test('orca keys uses the database in POSTGRES_URL, and ends as the program of the orchestrator does', async () => {
  await using database = await cloneDatabase();
  const env = { POSTGRES_URL: database.url };
  const created = await orcaKeys(env, 'create', '--host', 'course.example.edu', '--json');
  assert.deepEqual([created.status, created.stderr], [0, '']);
  const [key] = await listApiKeys(database.db);
  assert.equal(JSON.parse(created.stdout).id, key?.id);
  const unknown = await orcaKeys(env, 'revoke', '4711');
  assert.deepEqual([unknown.status, unknown.stdout], [1, '']);
  const wrong = await orcaKeys(env, 'create');
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /--host/);
});

test('orca keys finds the database of the data folder that runs, and says so when none does', async (t) => {
  const data = await makeFolder(t);
  const none = await orcaKeys({}, 'list', '--data', data);
  assert.equal(none.status, 1);
  assert.match(none.stderr, /^Cannot find the database: POSTGRES_URL is not set, and no "orca up"/);
  assert.equal((await orcaKeys({}, 'create', '--help', '--data', data)).status, 0);

  const log = (): void => undefined;
  await using server = await startPostgres({ dataDir: join(data, 'postgres'), log, durable: false });
  await migrate(server.url);
  const created = await orcaKeys({}, '--data', data, 'create', '--host', 'course.example.edu');
  assert.deepEqual([created.status, created.stderr], [0, '']);
  await using db = await connectDatabase({ url: server.url, applicationName: 'test' });
  assert.equal((await listApiKeys(db)).length, 1);
});
