import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertSound } from '../kit/assert-sound.ts';
import { makeJob } from '../kit/make-job.ts';
import { startOwnPostgres } from '../kit/own-postgres.ts';
import { type PutAnswer, startOrca, type TestOrca } from '../kit/start-orca.ts';
import { waitFor } from '../kit/wait-for.ts';
import { SHORT_CLOCKS, TAKE_OVER_MS } from './short-clocks.ts';

/** Longer than a lease of the short clocks. */
const OUTAGE_MS = 6_000;
/** They run on while the database is away. */
const STEP_SECONDS = 9;
const READY_MS = 100_000;

const script = [{ cmd: `echo began; sleep ${STEP_SECONDS}; echo ended`, on_complete: 'output' as const }];

/** What the API answers to a job, its header that says when to come back included. */
async function tryPut(orca: TestOrca, key: string) {
  const answer = await fetch(`${orca.url}/api/v1/grading_queue`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(makeJob(orca.client, key)),
  });
  const body = (await answer.json()) as PutAnswer;
  return { status: answer.status, retryAfter: answer.headers.get('retry-after'), body };
}

for (const [name, how] of [
  ['F08, F09: killed, and back after longer than a lease', 'kill'],
  ['F13: behind a wire that forwards nothing, without a word', 'freeze'],
] as const) {
  test(`${name}: the API says 503, runs go on, and nothing is graded twice or lost`, async () => {
    await using postgres = await startOwnPostgres();
    await using orca = await startOrca(SHORT_CLOCKS, postgres.url);
    const worker = await orca.startWorker({ ORCA_CONCURRENCY: '2' });
    const keys = ['running 1', 'running 2', 'waiting'];
    for (const key of keys) assert.equal((await orca.put(makeJob(orca.client, key, { script }))).status, 200);
    const claims = () => worker.log().split('"msg":"job claimed"').length - 1;
    await waitFor('two runs', () => claims() === 2);

    if (how === 'kill') await postgres.kill();
    else postgres.wire.freeze();
    const during = await tryPut(orca, 'during the outage');
    assert.equal(during.status, 503, JSON.stringify(during.body));
    assert.match(during.retryAfter ?? '', /^\d+$/);
    const status = await fetch(`${orca.url}/status`);
    assert.equal(status.status, 503);
    assert.equal((await fetch(`${orca.url}/readyz`)).status, 503);
    await sleep(OUTAGE_MS);
    if (how === 'kill') await postgres.restart();
    else postgres.wire.mend();

    await waitFor(
      'the API to be back',
      async () => (await fetch(`${orca.url}/readyz`)).status === 200,
      READY_MS,
    );
    const again = await waitFor(
      'the same request to be taken',
      async () => {
        const put = await tryPut(orca, 'during the outage');
        return put.status === 200 ? put : null;
      },
      READY_MS,
    );
    assert.equal(again.body.status?.location, 'Queue');
    for (const key of [...keys, 'during the outage']) {
      const { json } = await orca.client.waitForResult(key, TAKE_OVER_MS);
      assert.deepEqual(json.errors, [], key);
      assert.equal(orca.client.resultsOf(key).length, 1, key);
    }
    assert.equal(claims(), keys.length + 1, 'each was graded once');
    await assertSound(postgres.url);
  });
}
