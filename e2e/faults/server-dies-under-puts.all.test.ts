import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectDatabase, findJobRow } from '@orca/database';
import type { GradingJobConfig } from '@orca/protocol';
import { assertSound } from '../kit/assert-sound.ts';
import { makeJob } from '../kit/make-job.ts';
import { type PutAnswer, startOrca, type TestOrca } from '../kit/start-orca.ts';
import { waitFor } from '../kit/wait-for.ts';
import { SHORT_CLOCKS, TAKE_OVER_MS } from './short-clocks.ts';

const SENDERS = 16;
/** So many have to be answered before the server dies. */
const ANSWERED_MIN = 48;
/** Nobody grades what the burst brings: each PUT of it finds its job as the one before left it. */
const DELAY_SECONDS = 3_600;
const RUNNING = ['running 1', 'running 2'];
const RUNNING_SCRIPT = [{ cmd: 'sleep 12; echo graded', on_complete: 'output' as const }];

/** One PUT of the burst. */
interface Sent {
  readonly job: GradingJobConfig;
  /** `null`: no whole answer came. */
  readonly id: number | null;
}

/** @returns `null` when no whole answer came */
async function put(url: string, job: GradingJobConfig): Promise<{ status: number; body: PutAnswer } | null> {
  try {
    const answer = await fetch(`${url}/api/v1/grading_queue`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(job),
    });
    return { status: answer.status, body: (await answer.json()) as PutAnswer };
  } catch {
    return null;
  }
}

/** Sends one job after the other until one is not answered. */
async function sendUntilSilence(orca: TestOrca, sender: number, sent: Sent[]): Promise<void> {
  for (let number = 1; ; number += 1) {
    const job = makeJob(orca.client, `burst ${sender}.${number}`, { priority: DELAY_SECONDS });
    const answer = await put(orca.url, job);
    if (answer !== null) assert.equal(answer.status, 200, JSON.stringify(answer.body));
    sent.push({ job, id: answer?.body.status?.id ?? null });
    if (answer === null) return;
  }
}

/** How many jobs wait. */
async function depthOf(url: string): Promise<number> {
  const answer = (await (await fetch(`${url}/status`)).json()) as { numJobs: number };
  return answer.numJobs;
}

test('F04: of the PUTs under a server that is killed each was answered and is there, or can be sent again; runs go on', async () => {
  await using orca = await startOrca(SHORT_CLOCKS);
  await using db = await connectDatabase({ url: orca.databaseUrl, applicationName: 'orca-e2e' });
  const worker = await orca.startWorker({ ORCA_CONCURRENCY: '2' });
  for (const key of RUNNING) {
    const { body } = await orca.put(makeJob(orca.client, key, { script: RUNNING_SCRIPT }));
    const containerOf = async () => (await findJobRow(db, body.status?.id ?? -1))?.container;
    await waitFor(`the container of ${key}`, containerOf);
  }

  const sent: Sent[] = [];
  const sending = Array.from({ length: SENDERS }, (_, sender) => sendUntilSilence(orca, sender, sent));
  await waitFor('the burst to be under way', () => sent.length >= ANSWERED_MIN);
  await orca.server.kill();
  await Promise.all(sending);

  const answered = sent.flatMap(({ id }) => id ?? []);
  assert.equal(sent.length - answered.length, SENDERS, 'each sender was left without an answer once');
  for (const id of answered) {
    const row = await findJobRow(db, id);
    assert.deepEqual([row?.state, row?.generation], ['waiting', 1], `job ${id} was answered 200`);
  }

  const heir = await orca.startServer();
  const depth = await depthOf(heir.address);
  assert.ok(
    depth >= answered.length && depth <= sent.length,
    `${depth} wait, ${answered.length} of ${sent.length}`,
  );
  const ids = new Set<number>();
  for (const { job, id } of sent) {
    const again = await put(heir.address, job);
    assert.equal(again?.status, 200, job.key);
    const { id: idNow = -1 } = again.body.status ?? {};
    if (id !== null) assert.equal(idNow, id, `${job.key} is the same job`);
    assert.equal((await findJobRow(db, idNow))?.generation, 1, `${job.key} is in its first generation`);
    ids.add(idNow);
  }
  assert.equal(ids.size, sent.length, 'each key is a job of its own');
  assert.equal(await depthOf(heir.address), sent.length, 'and there is no other');

  for (const key of RUNNING) {
    const { json } = await orca.client.waitForResult(key, TAKE_OVER_MS);
    assert.deepEqual([json.output, json.errors], ['graded', []], key);
    assert.equal(orca.client.resultsOf(key).length, 1, key);
  }
  assert.equal(worker.log().split('"msg":"job claimed"').length - 1, RUNNING.length, 'each was graded once');
  assert.ok(worker.isRunning());
  await assertSound(orca.databaseUrl);
});
