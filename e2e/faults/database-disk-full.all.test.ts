import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { exhaustLog } from '@orca/database/testing';
import type { GradingJobConfig } from '@orca/protocol';
import { assertSound } from '../kit/assert-sound.ts';
import { makeJob } from '../kit/make-job.ts';
import { startOwnPostgres } from '../kit/own-postgres.ts';
import { mountSmallDisk } from '../kit/small-disk.ts';
import { type PutAnswer, startOrca, type TestOrca } from '../kit/start-orca.ts';
import { waitFor } from '../kit/wait-for.ts';
import { SHORT_CLOCKS, TAKE_OVER_MS } from './short-clocks.ts';

/** An empty cluster, Orca's schema and some segments of the log; the rest is for the filler. */
const DISK_MIB = 256;
const READY_MS = 100_000;
/** Cannot be compressed, so that no page that is there has room for it. */
const NOISE_BYTES = 12_000;
const SCRIPT = [{ cmd: 'echo began; sleep 5; echo ended', on_complete: 'output' as const }];

function noisyScript(): GradingJobConfig['script'] {
  return [{ cmd: `echo graded # ${randomBytes(NOISE_BYTES).toString('hex')}`, on_complete: 'output' }];
}

async function tryPut(orca: TestOrca, key: string) {
  const answer = await fetch(`${orca.url}/api/v1/grading_queue`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(makeJob(orca.client, key, { script: noisyScript() })),
  });
  const body = (await answer.json()) as PutAnswer;
  return { status: answer.status, retryAfter: answer.headers.get('retry-after'), body };
}

/** PUTs one job after the other until one is not taken; returns the keys of those that were, and of that one. */
async function putUntilRefused(orca: TestOrca): Promise<{ taken: string[]; refused: string }> {
  const taken: string[] = [];
  for (let number = 1; ; number += 1) {
    const key = `on a full disk ${number}`;
    const { status, retryAfter, body } = await tryPut(orca, key);
    if (status === 200) taken.push(key);
    else {
      assert.equal(status, 503, JSON.stringify(body));
      assert.match(retryAfter ?? '', /^\d+$/);
      return { taken, refused: key };
    }
  }
}

const isReady = async (orca: TestOrca) => (await fetch(`${orca.url}/readyz`)).status === 200;

test('F34: on a full disk of PostgreSQL nothing is acknowledged that is not kept, and all goes on by itself', async () => {
  await using disk = await mountSmallDisk(DISK_MIB);
  await using postgres = await startOwnPostgres({ folder: disk.folder });
  await using orca = await startOrca(SHORT_CLOCKS, postgres.url);
  const worker = await orca.startWorker({ ORCA_CONCURRENCY: '2' });
  const running = ['running 1', 'running 2'];
  for (const key of running)
    assert.equal((await orca.put(makeJob(orca.client, key, { script: SCRIPT }))).status, 200);
  const claims = () => worker.log().split('"msg":"job claimed"').length - 1;
  await waitFor('two runs', () => claims() === 2);

  await disk.fill();
  const { taken, refused } = await putUntilRefused(orca);
  const ready = await fetch(`${orca.url}/readyz`);
  assert.equal(ready.status, 503);
  assert.match(await ready.text(), /"database":"the disk of the database is full"/);
  await exhaustLog(postgres.url);
  const { status } = await tryPut(orca, 'after the log');
  assert.ok(status === 200 || status === 503, `it answers ${status}`);
  if (status === 200) taken.push('after the log');

  disk.empty();
  await waitFor(
    'PostgreSQL and the API to be back',
    async () => {
      // What a supervisor does, and tries again as long as there is no room.
      if (postgres.hasEnded()) await postgres.restart().catch(() => undefined);
      return isReady(orca);
    },
    READY_MS,
  );
  const again = async () => ((await tryPut(orca, refused)).status === 200 ? refused : null);
  taken.push(await waitFor('the same request to be taken', again, READY_MS));
  for (const key of [...running, ...taken]) {
    const { json } = await orca.client.waitForResult(key, TAKE_OVER_MS);
    assert.deepEqual(json.errors, [], key);
    assert.equal(orca.client.resultsOf(key).length, 1, key);
  }
  assert.equal(claims(), running.length + taken.length, 'each was graded once');
  await assertSound(postgres.url);
});
