import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { sleep } from '@orca/daemon';
import { connectDatabase, installationId, migrate } from '@orca/database';
import { findKeptPostgres, keepPostgres } from './keep-postgres.ts';

const OTHERS_MAY_ENTER = 0o755;
const DEADLINE_MS = 30_000;
const POLL_MS = 50;

/** What is written into a database once and for all. */
async function identify(url: string): Promise<string> {
  await using db = await connectDatabase({ url, applicationName: 'test' });
  await migrate(db);
  return await installationId(db);
}

async function openFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'orca-keep-postgres-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await chmod(folder, OTHERS_MAY_ENTER);
  return folder;
}

test('keepPostgres() starts a server that was killed again, where it was and with all that it held', async (t) => {
  const folder = await openFolder(t);
  const said: string[] = [];
  const lost: string[] = [];
  await using server = await keepPostgres(
    folder,
    (line) => said.push(line),
    (sentence) => lost.push(sentence),
  );
  const id = await identify(server.url);

  process.kill(server.pid, 'SIGKILL');
  const deadline = performance.now() + DEADLINE_MS;
  let found: string | null = null;
  while (found === null) {
    assert.ok(performance.now() < deadline, `PostgreSQL came back: ${said.join('; ')}`);
    found = await identify(server.url).catch(() => sleep(POLL_MS).then(() => null));
  }
  assert.equal(found, id);
  assert.ok(said.some((line) => line.endsWith('; starting it again')));
  assert.deepEqual(lost, []);
});

test('keepPostgres() ends while it starts a server again, and leaves none behind', async (t) => {
  const folder = await openFolder(t);
  const { promise: restarts, resolve } = Promise.withResolvers<void>();
  const lost: string[] = [];
  const server = await keepPostgres(
    folder,
    (line) => {
      if (line.endsWith('; starting it again')) resolve();
    },
    (sentence) => lost.push(sentence),
  );
  process.kill(server.pid, 'SIGKILL');
  await restarts;
  await server[Symbol.asyncDispose]();
  assert.equal(await findKeptPostgres(folder), null);
  assert.deepEqual(lost, []);
});
