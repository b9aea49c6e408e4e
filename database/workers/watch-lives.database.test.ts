import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cloneDatabase, passTime } from '../testing/index.ts';
import { watchLives } from './watch-lives.ts';
import { registerWorker } from './workers.ts';

const WORKER = {
  hostname: 'host',
  tokenHash: Buffer.alloc(32),
  version: '0',
  slots: 1,
  engineId: 'e',
} as const;
const SILENT_SECONDS = 61;

test('watchLives() takes for dead who is silent in two looks in a row, and begins anew after one that failed', async () => {
  await using database = await cloneDatabase();
  const { db, url } = database;
  const lives = watchLives(db);
  const livesOne = (): Promise<boolean> => lives.look((isAlive) => isAlive('w1'));
  await registerWorker(db, { ...WORKER, workerId: 'w1' });
  assert.equal(await livesOne(), true);
  await passTime(url, SILENT_SECONDS);
  assert.deepEqual([await livesOne(), await livesOne()], [true, false]);
  assert.equal(await lives.look(async (isAlive) => isAlive('never heard of')), true);

  assert.deepEqual(
    [await livesOne(), await livesOne()],
    [true, false],
    'who was not asked about has begun anew',
  );
  const failure = new Error('the engine does not answer');
  const fail = lives.look(async (isAlive) => {
    await isAlive('w1');
    throw failure;
  });
  await assert.rejects(fail, failure);
  assert.deepEqual([await livesOne(), await livesOne()], [true, false]);

  lives.forget();
  assert.deepEqual([await livesOne(), await livesOne()], [true, false]);
  await registerWorker(db, { ...WORKER, workerId: 'w1' });
  assert.equal(await livesOne(), true);
});
