import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
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

/** Waits for the database until it answers. @returns its identity */
async function untilBack(url: string, said: readonly string[]): Promise<string> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const found = await identify(url).catch(() => sleep(POLL_MS).then(() => null));
    if (found !== null) return found;
    assert.ok(performance.now() < deadline, `PostgreSQL came back: ${said.join('; ')}`);
  }
}

test('keepPostgres() starts a server that was killed again, where it was and with all that it held', async (t) => {
  const said: string[] = [];
  await using server = await keepPostgres(await openFolder(t), (line) => said.push(line));
  const id = await identify(server.url);
  process.kill(server.pid, 'SIGKILL');
  assert.equal(await untilBack(server.url, said), id);
  assert.ok(said.some((line) => line.endsWith('; starting it again')));
});

test('keepPostgres() tries again and again as long as a server does not start, and says why', async (t) => {
  const folder = await openFolder(t);
  const said: string[] = [];
  const { promise: failed, resolve } = Promise.withResolvers<void>();
  await using server = await keepPostgres(folder, (line) => {
    said.push(line);
    if (/starting it again in \d+ s$/.test(line)) resolve();
  });
  const id = await identify(server.url);
  const settings = join(folder, 'postgres', 'cluster', 'postgresql.auto.conf');
  const good = await readFile(settings);
  await writeFile(settings, 'no_such_setting = on\n');
  process.kill(server.pid, 'SIGKILL');
  await failed;
  await writeFile(settings, good);
  assert.equal(await untilBack(server.url, said), id);
  assert.match(said.join('\n'), /no_such_setting/);
});

test('keepPostgres() waits for its former port, where the other processes look for it', async (t) => {
  const said: string[] = [];
  const taken = createServer();
  t.after(() => taken.close());
  const { promise: failed, resolve } = Promise.withResolvers<void>();
  await using server = await keepPostgres(await openFolder(t), (line) => {
    said.push(line);
    if (line.endsWith('; starting it again')) taken.listen(Number(new URL(server.url).port), '127.0.0.1');
    if (line.includes('Address already in use')) resolve();
  });
  const id = await identify(server.url);
  process.kill(server.pid, 'SIGKILL');
  await failed;
  taken.close();
  assert.equal(await untilBack(server.url, said), id);
});

test('keepPostgres() makes no new database in place of one that is gone', async (t) => {
  const folder = await openFolder(t);
  const said: string[] = [];
  const { promise: failed, resolve } = Promise.withResolvers<void>();
  await using server = await keepPostgres(folder, (line) => {
    said.push(line);
    if (/its data are gone; starting it again in \d+ s$/.test(line)) resolve();
  });
  const id = await identify(server.url);
  const cluster = join(folder, 'postgres', 'cluster');
  await rename(cluster, `${cluster}.away`);
  process.kill(server.pid, 'SIGKILL');
  await failed;
  await rename(`${cluster}.away`, cluster);
  assert.equal(await untilBack(server.url, said), id);
});

test('keepPostgres() ends while it starts a server again, and leaves none behind', async (t) => {
  const folder = await openFolder(t);
  const { promise: restarts, resolve } = Promise.withResolvers<void>();
  const server = await keepPostgres(folder, (line) => {
    if (line.endsWith('; starting it again')) resolve();
  });
  process.kill(server.pid, 'SIGKILL');
  await restarts;
  await server[Symbol.asyncDispose]();
  assert.equal(await findKeptPostgres(folder), null);
});
