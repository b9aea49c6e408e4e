import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectDatabase, findJobRow, readClock } from '@orca/database';
import { assertSound } from '../kit/assert-sound.ts';
import { makeFakeClocks } from '../kit/fake-clock.ts';
import { makeJob } from '../kit/make-job.ts';
import { startOwnPostgres } from '../kit/own-postgres.ts';
import { startOrca } from '../kit/start-orca.ts';
import type { OrcaProcess } from '../kit/start-process.ts';
import { waitFor } from '../kit/wait-for.ts';
import { SHORT_CLOCKS, TAKE_OVER_MS } from './short-clocks.ts';

const HOUR_SECONDS = 3_600;
const JUMP_SECONDS = 600;
const DELAY_SECONDS = 5;
/** Two leases of the short clocks, and more. */
const LONG_SCRIPT = [{ cmd: 'sleep 8; echo graded', on_complete: 'output' as const }];
/** It is looked at every 30 s. */
const SKEW_SAID_MS = 120_000;
/** Clients refuse what was signed longer ago, or later. */
const SIGNED_SECONDS_MAX = 300;

const count = (process: OrcaProcess, message: string): number =>
  process.log().split(`"msg":"${message}"`).length - 1;

const saysSkew = (process: OrcaProcess, what: string): Promise<boolean> =>
  waitFor(
    `"${what}" in a log`,
    () => process.log().includes(`This machine's clock is ${what}`),
    SKEW_SAID_MS,
  );

test('F20: a worker an hour ahead and a server an hour behind change nothing, and each says that its clock is wrong', async () => {
  await using clocks = await makeFakeClocks();
  await using orca = await startOrca({ ...SHORT_CLOCKS, ...clocks.ahead(-HOUR_SECONDS) });
  await using db = await connectDatabase({ url: orca.databaseUrl, applicationName: 'orca-e2e' });
  const workers = [
    await orca.startWorker(clocks.ahead(HOUR_SECONDS)),
    await orca.startWorker(clocks.ahead(-HOUR_SECONDS)),
  ];
  await saysSkew(orca.server, '3600 s behind the database');
  await Promise.all([
    saysSkew(workers[0] ?? orca.server, '3600 s ahead of the database'),
    saysSkew(workers[1] ?? orca.server, '3600 s behind the database'),
  ]);

  await orca.put(makeJob(orca.client, 'long', { script: LONG_SCRIPT }));
  const put = await orca.put(makeJob(orca.client, 'delayed', { priority: DELAY_SECONDS }));
  const delayed = await orca.client.waitForResult('delayed', TAKE_OVER_MS);
  const long = await orca.client.waitForResult('long', TAKE_OVER_MS);
  for (const { json } of [delayed, long]) assert.deepEqual(json.errors, []);
  const job = await findJobRow(db, put.body.status?.id ?? 0);
  assert.ok(job?.claimedAt !== null && job !== null);
  const waitedMs = job.claimedAt.getTime() - job.arrivedAt.getTime();
  assert.ok(waitedMs >= DELAY_SECONDS * 1_000, `it was begun after ${waitedMs} ms`);
  const claims = workers.reduce((sum, worker) => sum + count(worker, 'job claimed'), 0);
  assert.equal(claims, 2, 'no lease ran out under a run');

  const signedAt = Number(delayed.headers['webhook-timestamp']);
  const offBy = Math.abs((await readClock(db)).getTime() / 1_000 - signedAt);
  assert.ok(offBy < SIGNED_SECONDS_MAX, `it was signed ${offBy} s off`);
  await assertSound(orca.databaseUrl);
});

test('F21: when the clock of PostgreSQL jumps back and forth by ten minutes, no job is lost or blamed, and none is run more than once again', async () => {
  await using clocks = await makeFakeClocks();
  await using postgres = await startOwnPostgres({ environment: clocks.jumping });
  await using orca = await startOrca(SHORT_CLOCKS, postgres.url);
  await using db = await connectDatabase({ url: postgres.url, applicationName: 'orca-e2e' });
  const workers = [
    await orca.startWorker({ ORCA_CONCURRENCY: '4' }),
    await orca.startWorker({ ORCA_CONCURRENCY: '4' }),
  ];
  const claims = (jobId = '\\d+'): number => {
    const line = new RegExp(`"jobId":${jobId},.*"msg":"job claimed"`, 'g');
    return workers.reduce((sum, worker) => sum + [...worker.log().matchAll(line)].length, 0);
  };
  const jumpTo = async (seconds: number): Promise<void> => {
    await clocks.jump(seconds);
    await waitFor('PostgreSQL to have jumped', async () => {
      const aheadMs = (await readClock(db)).getTime() - Date.now();
      return Math.abs(aheadMs - seconds * 1_000) < JUMP_SECONDS * 500;
    });
  };
  /** Four jobs, by their keys. */
  const putMany = async (stage: string): Promise<Map<string, string>> => {
    const ids = new Map<string, string>();
    for (const key of ['1', '2', '3', '4'].map((number) => `${stage} ${number}`)) {
      const { body } = await orca.put(makeJob(orca.client, key, { script: LONG_SCRIPT }));
      ids.set(key, String(body.status?.id));
    }
    return ids;
  };
  const assertGraded = async (jobs: ReadonlyMap<string, string>): Promise<void> => {
    for (const key of jobs.keys()) {
      const { json } = await orca.client.waitForResult(key, TAKE_OVER_MS);
      assert.deepEqual([json.errors, json.output], [[], 'graded'], key);
      assert.equal(orca.client.resultsOf(key).length, 1, key);
    }
  };

  const back = await putMany('back');
  await waitFor('the first four runs', () => claims() === back.size);
  await jumpTo(-JUMP_SECONDS);
  await assertGraded(back);
  assert.equal(claims(), back.size, 'nothing runs again when the clock goes back');

  const forth = await putMany('forth');
  await waitFor('four more runs', () => claims() === back.size + forth.size);
  await jumpTo(JUMP_SECONDS);
  await assertGraded(forth);
  for (const [key, id] of forth) assert.ok(claims(id) <= 2, `${key} was begun ${claims(id)} times`);
  for (const worker of workers) await saysSkew(worker, '600 s behind the database');
  await assertSound(postgres.url);
});
