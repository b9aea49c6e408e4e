import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSqlBlocks } from './sql-blocks.ts';

test('parseSqlBlocks() reads named statements with their comments', () => {
  const blocks = parseSqlBlocks(
    '-- A file.\n\n-- name: first\n-- No lock.\nselect 1;\n\n-- name: second\n-- One row.\nupdate orca.jobs\nset a = 1\n',
    'x.sql',
  );
  assert.deepEqual(
    [...blocks.values()],
    [
      { name: 'first', text: '-- No lock.\nselect 1', writes: false },
      { name: 'second', text: '-- One row.\nupdate orca.jobs\nset a = 1', writes: true },
    ],
  );
});

test('parseSqlBlocks() knows a statement that writes from one that only locks or speaks of it', () => {
  const writes = (text: string) => parseSqlBlocks(`-- name: x\n${text}`, 'x.sql').get('x')?.writes;
  assert.equal(writes('select 1 from orca.jobs for update'), false);
  assert.equal(writes('-- not like: delete from x\nselect 1'), false);
  assert.equal(writes('with a as (insert into orca.jobs default values) select 1'), true);
  assert.equal(writes('with a as (delete from orca.jobs) select 1'), true);
});

test('parseSqlBlocks() refuses a doubled name, an empty block and a statement without a name', () => {
  assert.throws(
    () => parseSqlBlocks('-- name: a\nselect 1\n-- name: a\nselect 2', 'x.sql'),
    /two statements/,
  );
  assert.throws(() => parseSqlBlocks('-- name: a\n-- nothing\n', 'x.sql'), /no statement/);
  assert.throws(() => parseSqlBlocks('select 1\n-- name: a\nselect 2', 'x.sql'), /before the first/);
});
