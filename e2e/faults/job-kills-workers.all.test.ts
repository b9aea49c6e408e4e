import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectDatabase, type Database, findJobRow } from '@orca/database';
import { assertSound } from '../kit/assert-sound.ts';
import { makeJob } from '../kit/make-job.ts';
import { startOrca, type TestOrca } from '../kit/start-orca.ts';
import type { OrcaProcess } from '../kit/start-process.ts';
import { waitFor } from '../kit/wait-for.ts';
import { SHORT_CLOCKS, TAKE_OVER_MS } from './short-clocks.ts';

const RUNS_MAX = 3;
const POISON = '/files/poison.txt';

/** Workers of which each is replaced when it was killed, as a supervisor does it. */
async function startFleet(orca: TestOrca, size: number) {
  const workers: OrcaProcess[] = [];
  for (let number = 1; number <= size; number += 1) workers.push(await orca.startWorker());
  return {
    all: (): readonly OrcaProcess[] => workers,
    alive: (): OrcaProcess[] => workers.filter((worker) => worker.isRunning()),
    /** Kills the one of this id, and starts another. */
    async lose(workerId: string): Promise<void> {
      await workers.find((worker) => worker.log().includes(workerId))?.kill();
      workers.push(await orca.startWorker());
    },
  };
}

/** Which worker has a job at this moment. */
async function workerOf(db: Database, jobId: number): Promise<string> {
  return waitFor('its worker', async () => (await findJobRow(db, jobId))?.workerId);
}

test('F47: a job that kills its worker each time ends with InfrastructureFailed after three runs; the fleet goes on', async () => {
  await using orca = await startOrca(SHORT_CLOCKS);
  await using db = await connectDatabase({ url: orca.databaseUrl, applicationName: 'orca-e2e' });
  const fleet = await startFleet(orca, 2);
  let poisonId = 0;
  const losses: Promise<void>[] = [];
  // Whoever begins it dies of it: it does not get further than its file.
  const url = orca.client.answer(POISON, () => {
    losses.push(workerOf(db, poisonId).then((workerId) => fleet.lose(workerId)));
  });
  const files = { submission: { url, mime_type: 'text/plain', should_replace_paths: false } };
  const { body } = await orca.put(makeJob(orca.client, 'poison', { files, priority: 2 }));
  poisonId = body.status?.id ?? -1;
  const others = Array.from({ length: 8 }, (_, number) => `other ${number}`);
  const script = [{ cmd: 'sleep 2; echo graded', on_complete: 'output' as const }];
  for (const key of others) assert.equal((await orca.put(makeJob(orca.client, key, { script }))).status, 200);

  const { json } = await orca.client.waitForResult('poison', TAKE_OVER_MS);
  assert.match(json.errors?.[0] ?? '', /^InfrastructureFailed: The grading service failed 3 times in a row/);
  assert.deepEqual([json.errors?.length, json.error_codes?.length, json.output], [1, 1, undefined]);
  assert.equal(losses.length, RUNS_MAX);
  await Promise.all(losses);
  for (const key of others) {
    const result = await orca.client.waitForResult(key, TAKE_OVER_MS);
    assert.deepEqual([result.json.output, result.json.errors], ['graded', []], key);
    assert.equal(orca.client.resultsOf(key).length, 1, key);
  }

  // Whoever is alive still is, works, and leaves that job alone.
  assert.equal(fleet.alive().length, 2);
  await orca.put(makeJob(orca.client, 'afterwards', { script }));
  await orca.client.waitForResult('afterwards', TAKE_OVER_MS);
  assert.equal(orca.client.requestsOf(POISON), RUNS_MAX);
  assert.equal(orca.client.resultsOf('poison').length, 1);
  const row = await findJobRow(db, poisonId);
  assert.deepEqual([row?.state, row?.outcome, row?.faults], ['finished', 'failed', RUNS_MAX]);
  await assertSound(orca.databaseUrl);
});
