import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '@orca/daemon';
import { connectDatabase, jobState } from '@orca/database';
import { passTime } from '@orca/database/testing';
import { retentionOf, runRetention } from './retention.ts';
import { startFakeClient } from './testing/fake-client.ts';
import { owe, settled, startLoop } from './testing/start-loop.ts';

const SETTINGS = { ORCA_KEEP_JOBS_DAYS: 30, ORCA_KEEP_JOBS_MAX: null, ORCA_PRUNE_SECONDS: 0.05 };
const DAY_SECONDS = 86_400;
const DEADLINE_MS = 20_000;

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!(await isTrue())) {
    assert.ok(performance.now() < deadline, 'it never came true');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('runRetention() removes what is too old, says so, outlives an outage, and ends when told to', async () => {
  await using client = await startFakeClient();
  await using loop = await startLoop();
  const { jobId } = await owe(loop, client.url);
  await settled(loop.db);
  const lines: string[] = [];
  const log = createLogger(
    { name: 'test', level: 'info', pretty: false },
    { write: (line) => lines.push(line) },
  );
  await using db = await connectDatabase({ url: loop.proxy.url, applicationName: 'orca-test-retention' });
  const stopping = new AbortController();
  const running = runRetention(retentionOf(SETTINGS), { db, log }, stopping.signal);
  loop.proxy.cut();
  await until(() => lines.some((line) => line.includes('could not be removed')));
  assert.equal((await jobState(loop.db, jobId)).kind, 'finished');
  loop.proxy.mend();
  await passTime(loop.db.url, (SETTINGS.ORCA_KEEP_JOBS_DAYS + 1) * DAY_SECONDS);
  await until(async () => (await jobState(loop.db, jobId)).kind === 'unknown');
  await until(() => lines.some((line) => line.includes('"jobs":1')));
  stopping.abort();
  await running;
});
