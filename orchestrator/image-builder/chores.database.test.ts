import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '@orca/daemon';
import { type Database, DatabaseError, registerWorker } from '@orca/database';
import { cloneDatabase, passTime } from '@orca/database/testing';
import { type ChoreDeps, createChores } from './chores.ts';

const WORKER = { workerId: 'worker', hostname: 'h', tokenHash: Buffer.alloc(32), version: '0', slots: 1 };
/** Longer than a living worker is ever silent. */
const SILENT_SECONDS = 61;

/** The chores of a builder on whose engine a worker has a container. */
function openChores(db: Database, changes: Partial<ChoreDeps> = {}) {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const done: string[] = [];
  const deps: ChoreDeps = {
    db,
    store: {
      save: () => assert.fail('nothing is saved'),
      has: async () => false,
      roomWanted: () => 0,
      async sweep() {
        done.push('store');
        return 0;
      },
    },
    retention: { keepSeconds: 86_400, archiveBytesMax: 1 },
    async removeOrphans(isAlive) {
      if (await isAlive({ workerId: WORKER.workerId })) return 0;
      done.push('container');
      return 1;
    },
    async sweepEngine() {
      done.push('engine');
      return { removed: [], strays: 0 };
    },
    sweepPulled: async () => [],
    log: createLogger({ name: 'test', level: 'warn', pretty: false }, { write }),
    ...changes,
  };
  const doAll = createChores(deps);
  return {
    warnings: () => lines.map((line) => String(JSON.parse(line).chore)),
    /** Does all chores once; tells what was removed or swept. */
    async turn(): Promise<string[]> {
      await doAll();
      return done.splice(0);
    },
  };
}

/** A database that can be told to be away. */
function breakable(db: Database): Database & { isAway: boolean } {
  const guard = async <T>(act: () => Promise<T>): Promise<T> => {
    if (broken.isAway) throw new DatabaseError('database_unreachable', 'away');
    return act();
  };
  const broken: Database & { isAway: boolean } = {
    ...db,
    isAway: false,
    query: (...parameters) => guard(() => db.query(...parameters)),
    transaction: (...parameters) => guard(() => db.transaction(...parameters)),
  };
  return broken;
}

test('createChores() spares the containers of a worker that was alive a turn ago, and only then removes them', async () => {
  await using database = await cloneDatabase();
  const { db, url } = database;
  await registerWorker(db, { ...WORKER, engineId: 'e' });
  const chores = openChores(db);
  assert.deepEqual(await chores.turn(), ['store', 'engine']);
  await passTime(url, SILENT_SECONDS);
  assert.deepEqual(await chores.turn(), ['store', 'engine'], 'PostgreSQL was away, or its clock jumped');
  assert.deepEqual(await chores.turn(), ['store', 'container', 'engine'], 'no sign of life ever since');
  await registerWorker(db, { ...WORKER, engineId: 'e' });
  assert.deepEqual(await chores.turn(), ['store', 'engine']);
  await passTime(url, SILENT_SECONDS);
  assert.deepEqual(await chores.turn(), ['store', 'engine'], 'it was back in between');
});

test('createChores() removes no containers in its first turn, nor in the first one after a failed one', async () => {
  await using database = await cloneDatabase();
  const { db, url } = database;
  await registerWorker(db, { ...WORKER, engineId: 'e' });
  await passTime(url, SILENT_SECONDS);
  const broken = breakable(db);
  const chores = openChores(broken);
  assert.deepEqual(await chores.turn(), ['store', 'engine'], 'the first turn');
  broken.isAway = true;
  assert.deepEqual(await chores.turn(), ['engine'], 'the database is away');
  broken.isAway = false;
  assert.deepEqual(await chores.turn(), ['store', 'engine'], 'the worker may not have beaten yet');
  assert.deepEqual(await chores.turn(), ['store', 'container', 'engine']);
});

test('createChores() removes from the engine what builds have fetched, and says what', async () => {
  await using database = await cloneDatabase();
  const told: string[] = [];
  const log = createLogger(
    { name: 'test', level: 'info', pretty: false },
    { write: (line) => void told.push(line) },
  );
  await openChores(database.db, { log, sweepPulled: async () => ['debian:12'] }).turn();
  assert.match(
    told.join(''),
    /"images":\["debian:12"\],"msg":"images of registries removed from the engine"/,
  );
});

test('createChores() does the other chores when one fails, and says once that it does', async () => {
  await using database = await cloneDatabase();
  const sweepEngine = () => Promise.reject(new Error('the engine is away'));
  let isPruning = false;
  const retention = {
    archiveBytesMax: 1,
    get keepSeconds(): number {
      if (isPruning) return 86_400;
      throw new Error('a statement took too long');
    },
  };
  const chores = openChores(database.db, { retention, sweepEngine });
  assert.deepEqual(await chores.turn(), ['store']);
  assert.deepEqual(await chores.turn(), ['store', 'container'], 'nobody of that name was ever alive');
  assert.deepEqual(chores.warnings(), ['prune images', 'sweep the engine']);
  isPruning = true;
  await chores.turn();
  isPruning = false;
  await chores.turn();
  assert.deepEqual(chores.warnings(), ['prune images', 'sweep the engine', 'prune images']);
});
