import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '@orca/daemon';
import { firstEventNumber } from '@orca/database';
import { passTime } from '@orca/database/testing';
import { makeJob } from '../testing/make-job.ts';
import { startApi } from '../testing/start-api.ts';
import { keepEventsPruned } from './keep-events-pruned.ts';

const DEADLINE_MS = 20_000;
const SILENT = createLogger({ name: 'test', level: 'silent', pretty: false });

test('keepEventsPruned() removes events when they get too old, until told to stop', async () => {
  await using api = await startApi();
  await api.put(makeJob());
  const stopping = new AbortController();
  const { db } = api;
  const pruning = keepEventsPruned({ seconds: 60, eventsMax: 10 }, { db, log: SILENT }, stopping.signal, 20);
  await passTime(api.databaseUrl, 59);
  assert.notEqual(await firstEventNumber(db), null);
  await passTime(api.databaseUrl, 2);
  const deadline = performance.now() + DEADLINE_MS;
  while ((await firstEventNumber(db)) !== null) assert.ok(performance.now() < deadline, 'it is still there');
  stopping.abort();
  await pruning;
});
