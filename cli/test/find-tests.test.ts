import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { REPOSITORY } from '../repository.ts';
import { findTests } from './find-tests.ts';

const FILES = [
  'z/unit.test.ts',
  'a/deep/er/x.engine.test.ts',
  'a/x.database.test.ts',
  'a/long.all.test.ts',
  'e2e/x.e2e.test.ts',
  'e2e/faults/y.all.test.ts',
  'e2e/kit/z.test.ts',
  'a/not-a-test.ts',
  'a/node_modules/b/x.test.ts',
  '.orca/x.test.ts',
];

test('findTests() finds the tests of a checkout, what needs least first and the whole system apart', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'orca-find-'));
  t.after(() => rm(folder, { recursive: true }));
  for (const file of FILES) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), '');
  }
  const parts = ['e2e/kit/z.test.ts', 'z/unit.test.ts', 'a/x.database.test.ts', 'a/deep/er/x.engine.test.ts'];
  const whole = ['e2e/x.e2e.test.ts'];
  assert.deepEqual(await findTests(folder, false), { parts, whole });
  assert.deepEqual(await findTests(folder, true), {
    parts: [...parts, 'a/long.all.test.ts'],
    whole: ['e2e/faults/y.all.test.ts', ...whole],
  });
});

test('findTests() finds this very file', async () => {
  const { parts } = await findTests(REPOSITORY.root, false);
  assert.ok(parts.includes('cli/test/find-tests.test.ts'));
});
