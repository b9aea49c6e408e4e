import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { createLogger } from '@orca/daemon';
import { connectDatabase, createApiKey, type Database, listApiKeys } from '@orca/database';
import { cloneDatabase, passTime } from '@orca/database/testing';
import { createKeyNotes } from './note-key-use.ts';

const MINUTE_MS = 60_000;
const DEADLINE_MS = 10_000;
const POLL_MS = 10;

async function until(what: string, isSo: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!(await isSo())) {
    assert.ok(performance.now() < deadline, what);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function logTo(lines: string[]) {
  const write = (line: string) => void lines.push(line);
  return createLogger({ name: 'test', level: 'info', pretty: false }, { write });
}

async function makeKey(db: Database): Promise<number> {
  return (await createApiKey(db, { keySha256: randomBytes(32), role: 'admin', hostnames: [] })) ?? 0;
}

test('createKeyNotes() writes the use of each key once a minute', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const [one, two] = [await makeKey(db), await makeKey(db)];
  let statements = 0;
  const counted: Database = {
    ...db,
    query: (...args) => {
      statements += 1;
      return db.query(...args);
    },
  };
  let nowMs = 0;
  const noteUse = createKeyNotes({ db: counted, log: logTo([]) }, () => nowMs);
  const lastUse = async (id: number) => (await listApiKeys(db)).find((key) => key.id === id)?.lastUsedAt;
  for (let use = 0; use < 100; use += 1) noteUse(one);
  noteUse(two);
  await until(
    'both uses are written',
    async () => (await lastUse(one)) !== null && (await lastUse(two)) !== null,
  );
  assert.equal(statements, 2);
  nowMs = MINUTE_MS - 1;
  noteUse(one);
  assert.equal(statements, 2);
  await passTime(database.url, MINUTE_MS / 1_000);
  const before = await lastUse(one);
  nowMs = MINUTE_MS;
  noteUse(one);
  assert.equal(statements, 3);
  await until('the later use is written', async () => Number(await lastUse(one)) > Number(before));
});

test('createKeyNotes() of a database that is away costs a log line, and no request', async () => {
  await using database = await cloneDatabase();
  const db = await connectDatabase({ url: database.url, applicationName: 'test' });
  await db[Symbol.asyncDispose]();
  const lines: string[] = [];
  createKeyNotes({ db, log: logTo(lines) })(1);
  await until('it is logged', () => lines.length > 0);
  assert.match(lines.join(''), /cannot write a key's last use/);
});
