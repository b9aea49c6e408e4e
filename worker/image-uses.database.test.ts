import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '@orca/daemon';
import { type Database, DatabaseError } from '@orca/database';
import { cloneDatabase } from '@orca/database/testing';
import { baseImageSha } from '@orca/protocol';
import { createImageUses } from './image-uses.ts';

const SILENT = createLogger({ name: 'test', level: 'silent', pretty: false });
const OTHER = 'd'.repeat(64);

test('createImageUses() notes the use of an image once in a while, and again what could not be noted', async () => {
  await using database = await cloneDatabase();
  const noted: unknown[] = [];
  let isAway = true;
  const db: Database = {
    ...database.db,
    query(statement, parameters) {
      noted.push(parameters?.[0]);
      if (isAway) return Promise.reject(new DatabaseError('database_unreachable', 'away'));
      return database.db.query(statement, parameters);
    },
  };
  const noteAll = async (notedMs: number, ...shas: readonly string[]) => {
    const uses = createImageUses({ db, log: SILENT }, notedMs);
    const before = noted.length;
    for (const sha of shas) {
      uses.note(sha);
      await new Promise(setImmediate);
    }
    return noted.slice(before);
  };
  const sha = baseImageSha();
  assert.deepEqual(await noteAll(60_000, sha, sha), [sha, sha], 'it is not remembered while it fails');
  isAway = false;
  assert.deepEqual(await noteAll(60_000, sha, OTHER, sha, OTHER), [sha, OTHER]);
  assert.deepEqual(await noteAll(0, sha, sha), [sha, sha], 'the time is over');
});
