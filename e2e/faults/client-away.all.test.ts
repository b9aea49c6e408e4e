import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import {
  claimJob,
  connectDatabase,
  type Database,
  finishJob,
  listDeliveries,
  nextDeliveryMs,
  notifyDeliveries,
} from '@orca/database';
import { passTime } from '@orca/database/testing';
import { assertSound } from '../kit/assert-sound.ts';
import type { ReceivedPost } from '../kit/fake-client.ts';
import { makeJob } from '../kit/make-job.ts';
import { startOrca, type TestOrca } from '../kit/start-orca.ts';
import { waitFor } from '../kit/wait-for.ts';

const JOBS = 500;
/** As many as a request may have. */
const BATCH = 100;
/** Graded anew while the client is away. */
const REGRADED = 20;
const AWAY_STEPS = 18;
const STEP_SECONDS = 20 * 60;
/** As POSTs_PER_CLIENT_MAX of the deliveries. */
const AT_ONCE_MAX = 2;
/** Nothing is claimed between the look at what is under way and the passing of time. */
const QUIET_MS = 300;
const SETTLE_MS = 300_000;

/** What a course site sees that is away at first. */
interface Course {
  comeBack(): void;
  /** The results that it took, in their order: it takes all that come once it is back. */
  taken(): readonly ReceivedPost[];
  /** Most POSTs that were open at once since then. */
  openMax(): number;
}

const isResult = ({ json }: ReceivedPost): boolean => json.shell_responses !== undefined;

function startCourse({ client }: TestOrca): Course {
  let backFrom: number | null = null;
  let open = 0;
  let openMax = 0;
  client.answer('/results', async (request, response) => {
    if (backFrom === null) return void request.socket.destroy();
    open += 1;
    openMax = Math.max(openMax, open);
    // All that are sent at once meet here.
    await new Promise((resolve) => setTimeout(resolve, 5));
    open -= 1;
    response.end();
  });
  return {
    comeBack() {
      backFrom = client.posts.length;
    },
    taken: () => client.posts.slice(backFrom ?? Number.POSITIVE_INFINITY).filter(isResult),
    openMax: () => openMax,
  };
}

/** PUTs jobs and grades them by hand, so that their client is owed a result for each. */
async function grade(orca: TestOrca, db: Database, keys: readonly string[], content: string): Promise<void> {
  for (let from = 0; from < keys.length; from += BATCH) {
    const jobs = keys
      .slice(from, from + BATCH)
      .map((key) => makeJob(orca.client, key, { metadata_table: { content } }));
    const answer = await fetch(`${orca.url}/api/v1/grading_queue/batch`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ grading_jobs: jobs }),
    });
    assert.equal(answer.status, 200, await answer.text());
  }
  for (let graded = 0; graded < keys.length; graded += 1) {
    const job = await claimJob(db, { workerId: 'a test', leaseSeconds: 3_600 });
    assert.ok(job !== null, 'a job is due');
    const body = JSON.stringify({ key: job.key, output: content, shell_responses: [], errors: [] });
    const { jobId, leaseToken } = job;
    const gradingId = `msg_${randomUUID().replaceAll('-', '')}`;
    assert.ok(await finishJob(db, { jobId, leaseToken, outcome: 'graded', gradingId, body }));
  }
  await notifyDeliveries(db);
}

/** Waits until nothing is due and nothing under way, and lets time pass then. */
async function passQuietly(db: Database, seconds: number): Promise<void> {
  const filter = { clients: null, states: ['pending'], kinds: ['status', 'result'] } as const;
  const isQuiet = async (): Promise<boolean> => {
    const pending = await listDeliveries(db, filter, { limit: 3 * JOBS, offset: 0 });
    if (pending.some(({ isUnderWay }) => isUnderWay)) return false;
    const nextMs = await nextDeliveryMs(db);
    return nextMs === null || nextMs > QUIET_MS;
  };
  await waitFor('what is due to be tried', isQuiet, SETTLE_MS);
  await passTime(db.url, seconds);
  await notifyDeliveries(db);
}

test('F27: a client that was away for six hours gets each of 500 results once, two at a time, and the newest of a job only', async () => {
  await using orca = await startOrca();
  await using db = await connectDatabase({ url: orca.databaseUrl, applicationName: 'orca-e2e' });
  const course = startCourse(orca);
  const keys = Array.from({ length: JOBS }, (_, index) => `job ${index}`);
  await grade(orca, db, keys, 'first');
  for (let step = 1; step <= AWAY_STEPS; step += 1) {
    await passQuietly(db, STEP_SECONDS);
    if (step === AWAY_STEPS / 2) await grade(orca, db, keys.slice(0, REGRADED), 'second');
  }
  const tried = Map.groupBy(orca.client.posts.filter(isResult), ({ json }) => json.key);
  assert.equal(tried.size, JOBS, 'each was tried');
  for (const [key, posts] of tried) assert.ok(posts.length <= 10, `${key} was tried ${posts.length} times`);

  course.comeBack();
  while ((await nextDeliveryMs(db)) !== null) await passQuietly(db, STEP_SECONDS);
  const taken = course.taken();
  assert.deepEqual(taken.map(({ json }) => json.key).toSorted(), keys.toSorted(), 'each once');
  for (const { json } of taken)
    assert.equal(json.output, keys.indexOf(json.key ?? '') < REGRADED ? 'second' : 'first', json.key);
  const byId = Map.groupBy(orca.client.posts.filter(isResult), ({ headers }) => headers['webhook-id']);
  for (const [id, [first, ...others]] of byId)
    for (const { body } of others) assert.ok(first?.body.equals(body), `${id} has the same bytes each time`);
  assert.ok(course.openMax() <= AT_ONCE_MAX, `${course.openMax()} at once`);
  await assertSound(orca.databaseUrl);
});
