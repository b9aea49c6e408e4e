import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import pg from 'pg';
import { parseSqlBlocks, type SqlStatement } from './sql-blocks.ts';
import { cloneDatabase } from './testing/index.ts';

const ROOM = import.meta.dirname;
const STATEMENTS_MIN = 40;

function readAllBlocks(): { file: string; statement: SqlStatement }[] {
  return readdirSync(ROOM, { recursive: true, encoding: 'utf8' })
    .filter(
      (file) => file.endsWith('.sql') && !/^(migrations|node_modules)\b/.test(file) && file !== 'schema.sql',
    )
    .flatMap((file) => {
      const blocks = parseSqlBlocks(readFileSync(path.join(ROOM, file), 'utf8'), file);
      return [...blocks.values()].map((statement) => ({ file, statement }));
    });
}

test('every SQL block can be prepared on a migrated database', async () => {
  await using database = await cloneDatabase();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    const blocks = readAllBlocks();
    assert.ok(blocks.length >= STATEMENTS_MIN, `only ${blocks.length} blocks were found`);
    for (const { file, statement } of blocks) {
      await assert.doesNotReject(
        client.query(`prepare ${statement.name} as ${statement.text}`),
        `${file}: ${statement.name}`,
      );
    }
  } finally {
    await client.end();
  }
});

test('every SQL block says in its first line how it locks', () => {
  for (const { file, statement } of readAllBlocks()) {
    assert.match(statement.text, /^-- [A-Z].{6,}/, `${file}: ${statement.name}`);
  }
});

test('no two SQL blocks of the room have the same name', () => {
  const names = readAllBlocks().map(({ statement }) => statement.name);
  assert.deepEqual(names, [...new Set(names)]);
});
