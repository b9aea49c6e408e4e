import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createWorkspace } from './workspace.ts';

async function makeParent(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'orca-workspace-'));
  t.after(() => rm(folder, { recursive: true }));
  return join(folder, 'jobs');
}

test('createWorkspace() makes a folder of its own each time, and its parent', async (t) => {
  const parent = await makeParent(t);
  {
    await using one = await createWorkspace(parent);
    await using two = await createWorkspace(parent);
    assert.notEqual(one.folder, two.folder);
    for (const folder of [parent, one.folder, two.folder])
      assert.equal((await stat(folder)).mode & 0o777, 0o700);
  }
  assert.deepEqual(await readdir(parent), []);
});

test('createWorkspace() gives a folder that may be discarded before it is disposed of', async (t) => {
  const parent = await makeParent(t);
  {
    await using workspace = await createWorkspace(parent);
    await writeFile(join(workspace.folder, 'file'), 'of the job');
    workspace.discard();
    workspace.discard();
  }
  assert.deepEqual(await readdir(parent), []);
});
