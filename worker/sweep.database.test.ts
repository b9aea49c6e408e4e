import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLogger } from '@orca/daemon';
import { registerWorker, retireWorker } from '@orca/database';
import { cloneDatabase, passTime } from '@orca/database/testing';
import type { KnownContainer } from '@orca/grading';
import { findOwner, markFolder } from './process-mark.ts';
import { createSweep } from './sweep.ts';
import { makeWorkerFolders, removeWorkerFolders } from './worker-folders.ts';

type IsAlive = (container: KnownContainer) => boolean | Promise<boolean>;

/** Longer than a living worker is ever silent. */
const SILENT_SECONDS = 61;

const log = createLogger({ name: 'test', level: 'silent', pretty: false });

/** A folder for one test. */
async function openFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'orca-test-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

/** Marks a folder in a process that is killed afterwards, as a crash would. */
async function markAndDie(folder: string): Promise<void> {
  const module = new URL('./process-mark.ts', import.meta.url).href;
  const source = `import { markFolder } from ${JSON.stringify(module)};
    await markFolder(${JSON.stringify(folder)}); process.kill(process.pid, 'SIGKILL');`;
  await once(spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: 'inherit' }), 'exit');
}

test('findOwner() knows a dead owner from a living one, and says so where it cannot know', async () => {
  await using folder = await openFolder();
  assert.equal(await findOwner(folder.path), 'unknown');
  await markFolder(folder.path);
  assert.equal(await findOwner(folder.path), 'running');
  await markAndDie(folder.path);
  assert.equal(await findOwner(folder.path), 'ended');
});

const known = { hostname: 'h', tokenHash: Buffer.alloc(32), version: '0', slots: 1, engineId: 'e' };

test('createSweep() removes what dead workers left, and nothing of living ones', async () => {
  await using database = await cloneDatabase();
  await using root = await openFolder();
  const { db } = database;
  for (const workerId of ['me', 'alive', 'retired', 'killed']) {
    await registerWorker(db, { ...known, workerId });
    const { own } = await makeWorkerFolders(root.path, { installationId: 'i', workerId });
    if (workerId === 'killed') await markAndDie(own);
    // As one in another container does, whose process cannot be looked for.
    if (workerId === 'retired') await rm(join(own, 'process.json'));
  }
  await retireWorker(db, 'retired');
  const workersFolder = join(root.path, 'i', 'workers');
  let judged: Record<string, boolean> = {};
  const grading = {
    sweepCache: async () => {},
    async removeOrphans(isAlive: IsAlive) {
      for (const workerId of ['me', 'alive', 'retired', 'killed', 'never heard of'])
        judged = { ...judged, [workerId]: await isAlive({ name: `orca-${workerId}`, workerId }) };
      return 0;
    },
  };
  const sweep = createSweep({ db, workerId: 'me', grading, workersFolder, log });
  await sweep();
  // The sandbox spares what its own runs use.
  const sure = { me: false, alive: true, killed: false };
  assert.deepEqual(judged, { ...sure, retired: true, 'never heard of': true }, 'they may have been away');
  assert.deepEqual((await readdir(workersFolder)).sort(), ['alive', 'me', 'retired']);
  await sweep();
  // The folder has gone that showed it of the killed one, after its containers.
  assert.deepEqual(judged, { ...sure, killed: true, retired: false, 'never heard of': false });
  assert.deepEqual((await readdir(workersFolder)).sort(), ['alive', 'me']);
});

test('createSweep() spares who gave a sign of life between two sweeps, and begins anew after one that failed', async () => {
  await using database = await cloneDatabase();
  await using root = await openFolder();
  const { db, url } = database;
  const { workers } = await makeWorkerFolders(root.path, { installationId: 'i', workerId: 'me' });
  let isSpared = false;
  let isEngineAway = false;
  let isDiskAway = false;
  const grading = {
    async sweepCache() {
      if (isDiskAway) throw new Error('the disk is not mounted');
    },
    async removeOrphans(isAlive: IsAlive) {
      isSpared = await isAlive({ name: 'orca-x', workerId: 'other' });
      if (isEngineAway) throw new Error('the engine does not answer');
      return 0;
    },
  };
  const sweep = createSweep({ db, workerId: 'me', grading, workersFolder: workers, log });
  const falls = async (): Promise<boolean> => {
    await sweep();
    return !isSpared;
  };
  await registerWorker(db, { ...known, workerId: 'other' });
  await passTime(url, SILENT_SECONDS);
  assert.equal(await falls(), false);
  await registerWorker(db, { ...known, workerId: 'other' });
  assert.equal(await falls(), false);
  await passTime(url, SILENT_SECONDS);
  assert.equal(await falls(), false);
  isEngineAway = true;
  await assert.rejects(sweep());
  isEngineAway = false;
  assert.equal(await falls(), false, 'the first one after a failure');
  isDiskAway = true;
  await assert.rejects(sweep());
  isDiskAway = false;
  assert.equal(await falls(), false, 'whatever has failed');
  assert.equal(await falls(), true);
});

test('createSweep() leaves the folder of a worker whose process runs, however silent it seems', async () => {
  await using database = await cloneDatabase();
  await using root = await openFolder();
  const { db, url } = database;
  for (const workerId of ['runs', 'unmarked']) await registerWorker(db, { ...known, workerId });
  const { workers } = await makeWorkerFolders(root.path, { installationId: 'i', workerId: 'runs' });
  await mkdir(join(workers, 'unmarked'));
  await passTime(url, SILENT_SECONDS);
  const spared: boolean[] = [];
  const grading = {
    sweepCache: async () => {},
    async removeOrphans(isAlive: IsAlive) {
      for (const workerId of ['runs', 'unmarked']) spared.push(await isAlive({ name: 'orca-x', workerId }));
      return 0;
    },
  };
  const sweep = createSweep({ db, workerId: 'me', grading, workersFolder: workers, log });
  for (let turn = 0; turn < 2; turn += 1) await sweep();
  assert.deepEqual(await readdir(workers), ['runs']);
  assert.deepEqual(spared, [true, true, true, false]);
});

test('createSweep() spares the containers of a worker that has begun while the sweep was under way', async () => {
  await using database = await cloneDatabase();
  await using root = await openFolder();
  const { db } = database;
  const { workers } = await makeWorkerFolders(root.path, { installationId: 'i', workerId: 'me' });
  let isSpared = false;
  const grading = {
    // Of a large cache that takes its time.
    sweepCache: async () => registerWorker(db, { ...known, workerId: 'new' }),
    async removeOrphans(isAlive: IsAlive) {
      isSpared = await isAlive({ name: 'orca-new', workerId: 'new' });
      return 0;
    },
  };
  const sweep = createSweep({ db, workerId: 'me', grading, workersFolder: workers, log });
  for (let turn = 0; turn < 2; turn += 1) await sweep();
  assert.equal(isSpared, true);
});

test('removeWorkerFolders() leaves nothing when it is the last, and what another worker or the cache needs', async () => {
  await using root = await openFolder();
  const first = await makeWorkerFolders(root.path, { installationId: 'i', workerId: 'first' });
  const second = await makeWorkerFolders(root.path, { installationId: 'i', workerId: 'second' });
  await mkdir(first.cache);
  await removeWorkerFolders(first);
  assert.deepEqual((await readdir(first.installation)).sort(), ['cache', 'workers']);
  assert.deepEqual(await readdir(first.workers), ['second']);
  await writeFile(join(second.cache, 'x'), '');
  await removeWorkerFolders(second);
  assert.deepEqual(await readdir(second.installation), ['cache']);

  const alone = await makeWorkerFolders(root.path, { installationId: 'j', workerId: 'alone' });
  await mkdir(alone.cache);
  await removeWorkerFolders(alone);
  assert.deepEqual(await readdir(root.path), ['i']);
});

test('makeWorkerFolders() says which setting is wrong', async () => {
  await using folder = await openFolder();
  const file = join(folder.path, 'file');
  await writeFile(file, 'no folder');
  await assert.rejects(makeWorkerFolders(file, { installationId: 'i', workerId: 'w' }), {
    message: `Cannot use "${file}" as ORCA_WORKER_FOLDER: it cannot be written to`,
  });
});
