import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHANNELS, listenTo } from './listen.ts';
import { notifyDeliveries, notifyJobs, notifyRuns } from './notify.ts';
import { cloneDatabase, passTime } from './testing/index.ts';
import { registerWorker, retireWorker, setWorkerIdle } from './workers/workers.ts';

const WORKER = {
  workerId: 'w1',
  hostname: 'host',
  tokenHash: Buffer.alloc(32),
  version: '0.1.0',
  slots: 1,
  engineId: 'engine',
} as const;

/** Hears what is sent, and whether it was connected. */
function createEar() {
  const heard: string[] = [];
  let wake = Promise.withResolvers<void>();
  let connects = 0;
  const ring = () => {
    wake.resolve();
    wake = Promise.withResolvers<void>();
  };
  return {
    heard,
    listener: {
      onNotification: (channel: string, payload: string) => {
        heard.push(`${channel} ${payload}`.trim());
        ring();
      },
      onConnected: () => {
        connects += 1;
        ring();
      },
    },
    /** Waits until something holds; the test's own deadline ends it. */
    until: async (holds: (facts: { connects: number; heard: string[] }) => boolean) => {
      while (!holds({ connects, heard })) await wake.promise;
    },
  };
}

test('listenTo() hears what is sent, until it is stopped', async () => {
  await using database = await cloneDatabase();
  const ear = createEar();
  const stop = new AbortController();
  const listening = listenTo(database.url, [CHANNELS.deliveries, CHANNELS.runs], ear.listener, stop.signal);
  await ear.until(({ connects }) => connects === 1);
  await notifyDeliveries(database.db);
  await notifyRuns(database.db, 17);
  await ear.until(({ heard }) => heard.length === 2);
  assert.deepEqual(ear.heard, ['orca_deliveries', 'orca_runs 17']);
  stop.abort();
  await listening;
});

test('listenTo() connects again when its connection is lost', async () => {
  await using database = await cloneDatabase();
  const ear = createEar();
  const stop = new AbortController();
  const listening = listenTo(database.url, [CHANNELS.deliveries], ear.listener, stop.signal);
  await ear.until(({ connects }) => connects === 1);
  await database.db.query({
    name: 'cut',
    text: `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name like 'orca listen%'`,
    writes: false,
  });
  await ear.until(({ connects }) => connects === 2);
  await notifyDeliveries(database.db);
  await ear.until(({ heard }) => heard.length === 1);
  stop.abort();
  await listening;
});

test('notifyJobs() sends only when a worker that lives is idle', async () => {
  await using database = await cloneDatabase();
  const { db, url } = database;
  const ear = createEar();
  const stop = new AbortController();
  const listening = listenTo(url, [CHANNELS.jobs, CHANNELS.deliveries], ear.listener, stop.signal);
  await ear.until(({ connects }) => connects === 1);
  await notifyJobs(db); // no worker at all
  await registerWorker(db, WORKER);
  await notifyJobs(db); // not idle
  await setWorkerIdle(db, 'w1', true);
  await passTime(url, 120);
  await notifyJobs(db); // silent for too long
  await setWorkerIdle(db, 'w1', true);
  await retireWorker(db, 'w1');
  await notifyJobs(db); // gone
  await registerWorker(db, WORKER);
  await setWorkerIdle(db, 'w1', true);
  await notifyDeliveries(db); // a mark in the order of what is heard
  await notifyJobs(db);
  await ear.until(({ heard }) => heard.includes('orca_jobs'));
  assert.deepEqual(ear.heard, ['orca_deliveries', 'orca_jobs']);
  stop.abort();
  await listening;
});
