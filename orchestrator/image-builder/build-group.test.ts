import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openBuildGroup } from './build-group.ts';

const OPTIONS = { builderId: 'builder-1', processesMax: 64, isEngineHere: true };
const CGROUPFS = { cgroupDriver: 'cgroupfs' } as const;

/** A folder that is no control group: nothing is made in it that is not written by hand. */
async function makeMount(...folders: string[]): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'orca-cgroup-'));
  for (const folder of folders) await mkdir(join(path, folder));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

test('openBuildGroup() has no group of its own where the engine, or systemd, makes them', async () => {
  await using mount = await makeMount('pids');
  const none = await openBuildGroup({ cgroupDriver: 'none' }, OPTIONS, mount.path);
  assert.deepEqual([none.parent, none.isLimited], [undefined, false]);
  const systemd = await openBuildGroup({ cgroupDriver: 'systemd' }, OPTIONS, mount.path);
  assert.deepEqual([systemd.parent, systemd.isLimited], ['orca-builds.slice', false]);
  const remote = await openBuildGroup(CGROUPFS, { ...OPTIONS, isEngineHere: false }, mount.path);
  assert.deepEqual([remote.parent, remote.isLimited], ['/orca-builds', false]);
  assert.deepEqual(await readdir(join(mount.path, 'pids')), []);
});

test('openBuildGroup() leaves nothing where there is no limit to be written', async () => {
  for (const folders of [['pids'], []]) {
    await using mount = await makeMount(...folders);
    const group = await openBuildGroup(CGROUPFS, OPTIONS, mount.path);
    assert.deepEqual([group.parent, group.isLimited], ['/orca-builds', false]);
    for (const folder of folders)
      assert.deepEqual(await readdir(join(mount.path, folder, 'orca-builds')), []);
  }
});
