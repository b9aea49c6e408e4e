import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBudget, PATHS_BYTES_MAX } from './extraction.ts';

test('createBudget() takes paths of 16 MiB together, and refuses one byte past that', () => {
  const budget = createBudget({ bytes: 0, entries: 20_000 });
  const path = 'ж'.repeat(2048);
  for (let left = PATHS_BYTES_MAX; left > 0; left -= Buffer.byteLength(path)) budget.takeEntry(path);
  assert.throws(() => budget.takeEntry('x'), {
    code: 'archive_refused',
    message: 'paths in archive are longer than 16 MiB together',
  });
});

test('createBudget() refuses one entry past its limit', () => {
  const budget = createBudget({ bytes: 0, entries: 2 });
  budget.takeEntry('a');
  budget.takeEntry('b');
  assert.throws(() => budget.takeEntry('c'), /^ArchiveError: more than 2 files and folders in archive$/);
});
