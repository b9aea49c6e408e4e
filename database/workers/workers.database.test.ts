import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimJob } from '../queue/claim.ts';
import { enqueueJob } from '../queue/enqueue.ts';
import { cloneDatabase, makeJob, passTime } from '../testing/index.ts';
import { beatWorker, listLiveWorkers, registerWorker, retireWorker } from './workers.ts';

const WORKER = {
  hostname: 'host',
  tokenHash: Buffer.alloc(32),
  version: '0.1.0',
  slots: 2,
  engineId: 'engine',
} as const;

test('listLiveWorkers() lists those that gave a sign of life', async () => {
  await using database = await cloneDatabase();
  const { db, url } = database;
  await registerWorker(db, { ...WORKER, workerId: 'w1' });
  await registerWorker(db, { ...WORKER, workerId: 'w2' });
  assert.deepEqual(await listLiveWorkers(db), ['w1', 'w2']);
  await passTime(url, 61);
  assert.equal(await beatWorker(db, 'w2', { slots: 4 }), true);
  assert.deepEqual(await listLiveWorkers(db), ['w2']);
  await retireWorker(db, 'w2');
  assert.deepEqual(await listLiveWorkers(db), []);
});

test('listLiveWorkers() lists those with a run, however long ago their last sign of life seems', async () => {
  await using database = await cloneDatabase();
  const { db, url } = database;
  for (const workerId of ['w1', 'w2']) await registerWorker(db, { ...WORKER, workerId });
  await passTime(url, 61);
  await enqueueJob(db, makeJob());
  assert.notEqual(await claimJob(db, { workerId: 'w2', leaseSeconds: 30 }), null);
  assert.deepEqual(await listLiveWorkers(db), ['w2']);
  await passTime(url, 31);
  assert.deepEqual(await listLiveWorkers(db), []);
});

test('beatWorker() tells a worker that is not known that it has to register', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  assert.equal(await beatWorker(db, 'w1'), false);
  await registerWorker(db, { ...WORKER, workerId: 'w1' });
  await retireWorker(db, 'w1');
  assert.equal(await beatWorker(db, 'w1'), false);
  await registerWorker(db, { ...WORKER, workerId: 'w1' });
  assert.equal(await beatWorker(db, 'w1'), true);
});
