import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeTemporaryFolder } from './temporary-folder.ts';

test('makeTemporaryFolder() makes a folder that goes, and removes what a killed run has left', async () => {
  const { pid } = spawnSync('true');
  const left = join(tmpdir(), `orca-grade-${pid}-left`);
  mkdirSync(join(left, 'packed'), { recursive: true });
  let path = '';
  {
    await using folder = await makeTemporaryFolder();
    await using other = await makeTemporaryFolder();
    path = folder.path;
    assert.ok(existsSync(path) && existsSync(other.path));
    assert.equal(existsSync(left), false);
  }
  assert.equal(existsSync(path), false);
});
