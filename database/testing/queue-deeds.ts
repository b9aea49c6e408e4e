import pg from 'pg';
import type { Database } from '../connect.ts';
import { settleHeldJobs } from '../images/settle-held-jobs.ts';
import { cancelJob } from '../queue/cancel.ts';
import { claimJob } from '../queue/claim.ts';
import { enqueueJob } from '../queue/enqueue.ts';
import { finishAndClaimJob, finishJob } from '../queue/finish.ts';
import { holdJob, returnJob } from '../queue/lease.ts';
import { renewLease } from '../queue/renew-lease.ts';
import { MODEL_LEASE_SECONDS } from '../queue/model-run.ts';
import { moveJob } from '../queue/move.ts';
import type { ClaimedJob } from '../queue/turn.ts';
import { type ClonedDatabase, cloneDatabase } from './clone-database.ts';
import { makeJob } from './make-job.ts';
import { passTime } from './pass-time.ts';
import type { Operation } from './queue-operations.ts';

const BUILDING_SHA = 'b'.repeat(64);
const UNKNOWN_SHA = 'c'.repeat(64);
/** Of a job that nobody has put. */
const NO_JOB = 4_000_000_000;

const LEASE = { workerId: 'w1', leaseSeconds: MODEL_LEASE_SECONDS, graceAfterStartSeconds: 0 };

/** What is done to a run. */
export type OnRun = Exclude<Extract<Operation, { run: number }>['kind'], 'finish_and_claim'>;

/** A run as its worker knows it. */
export type KnownRun = { name: string; jobId: number; leaseToken: string };

/** What was done, and what the database said; `run` is the one that it was done to, `claimed` the one that it gave. */
export type Deed = { operation: Operation; run: KnownRun | null; claimed: KnownRun | null; answer: string };

/** A database to which things are done, and what those who do them know. */
export type QueueUnderTest = AsyncDisposable & {
  database: ClonedDatabase;
  client: pg.Client;
  /** The newest first. */
  runs: KnownRun[];
  ids: Map<string, number>;
  /** Makes it empty again. */
  clear(): Promise<void>;
};

/** Makes an empty queue in a database of its own, with an image that is being built. */
export async function openQueue(): Promise<QueueUnderTest> {
  await using opened = new AsyncDisposableStack();
  const database = opened.use(await cloneDatabase());
  const client = new pg.Client({ connectionString: database.url, application_name: 'orca test' });
  await client.connect();
  opened.defer(() => client.end());
  const runs: KnownRun[] = [];
  const ids = new Map<string, number>();
  const dockerfile = 'FROM orca-grader-base\nRUN true';
  await client.query('insert into orca.images (sha, dockerfile, state) values ($1, $2, $3)', [
    ...[BUILDING_SHA, dockerfile, 'queued'],
  ]);
  const stack = opened.move();
  return {
    ...{ database, client, runs, ids },
    async clear() {
      runs.length = 0;
      ids.clear();
      await client.query(
        'delete from orca.deliveries; delete from orca.results; delete from orca.reservations; delete from orca.jobs',
      );
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Does it to the database, over `db`. @returns `null` when it was about a run that there is not */
export async function perform(
  operation: Operation,
  queue: QueueUnderTest,
  db: Database,
): Promise<Deed | null> {
  const said = (answer: string, claimed: KnownRun | null = null): Deed => ({
    ...{ operation, answer, claimed },
    run: null,
  });
  switch (operation.kind) {
    case 'put': {
      const answer = await enqueueJob(db, jobOf(operation));
      if (answer.kind === 'unknown_image') return said(answer.kind);
      queue.ids.set(operation.name, answer.jobId);
      return said(answer.change);
    }
    case 'claim': {
      const claimed = await claimJob(db, LEASE);
      return said(describeClaim(claimed), remember(claimed, queue));
    }
    case 'release':
    case 'delay':
    case 'cancel':
      return said(await steer(operation.kind, operation.name, queue, db));
    case 'built':
    case 'build_failed':
      await endBuild(operation.kind === 'built' ? 'ready' : 'failed', db);
      return said('settled');
    case 'pass':
      await passTime(queue.client, operation.seconds);
      return said('passed');
    case 'finish_and_claim': {
      const run = queue.runs[operation.run];
      if (run === undefined) return null;
      const { isStored, next } = await finishAndClaimJob(db, { ...run, ...resultOf() }, LEASE);
      return { ...said(`${isStored}, ${describeClaim(next)}`, remember(next, queue)), run };
    }
    case 'renew':
    case 'finish':
    case 'shutdown':
    case 'not_now':
    case 'fault':
    case 'hold': {
      const run = queue.runs[operation.run];
      return run === undefined ? null : { ...said(await onRun(operation.kind, run, db)), run };
    }
    default:
      return operation satisfies never;
  }
}

function describeClaim(job: ClaimedJob | null): string {
  return job === null ? 'none' : `${job.key} ${job.generation} ${job.attempt}`;
}

function remember(job: ClaimedJob | null, queue: QueueUnderTest): KnownRun | null {
  if (job === null) return null;
  const run = { name: job.key, jobId: job.jobId, leaseToken: job.leaseToken };
  queue.runs.unshift(run);
  return run;
}

function resultOf() {
  return { outcome: 'graded', gradingId: `msg_${crypto.randomUUID()}`, body: '{}' } as const;
}

function jobOf(put: Extract<Operation, { kind: 'put' }>): ReturnType<typeof makeJob> {
  const { name, submitter, content, image, delaySeconds, immediate } = put;
  const imageSha = image === 'ready' ? undefined : image === 'building' ? BUILDING_SHA : UNKNOWN_SHA;
  return makeJob({ key: name, user: submitter, content, delaySeconds, immediate, imageSha });
}

async function steer(
  kind: 'release' | 'delay' | 'cancel',
  name: string,
  queue: QueueUnderTest,
  db: Database,
): Promise<string> {
  const job = { jobId: queue.ids.get(name) ?? NO_JOB, clients: null };
  if (kind !== 'cancel') return (await moveJob(db, { ...job, action: kind })).kind;
  const cancelled = await cancelJob(db, job);
  return cancelled.kind === 'cancelled' ? cancelled.from : cancelled.kind;
}

const SET_IMAGE = {
  name: 'set_image_of_test',
  text: 'update orca.images set state = $2, failure = $3, ready_at = now(), pruned_at = null where sha = $1',
  writes: true,
} as const;

/** The image is built, or not, and then asked for again: later jobs are held for it, too. */
async function endBuild(state: 'ready' | 'failed', db: Database): Promise<void> {
  await db.query(SET_IMAGE, [BUILDING_SHA, state, state === 'failed' ? 'why' : null]);
  await settleHeldJobs(db, BUILDING_SHA);
  await db.query(SET_IMAGE, [BUILDING_SHA, 'queued', null]);
}

async function onRun(kind: OnRun, { jobId, leaseToken }: KnownRun, db: Database): Promise<string> {
  switch (kind) {
    case 'renew':
      return String(await renewLease(db, { jobId, leaseToken, leaseSeconds: MODEL_LEASE_SECONDS }));
    case 'finish':
      return String(await finishJob(db, { jobId, leaseToken, ...resultOf() }));
    case 'shutdown':
    case 'not_now':
    case 'fault':
      return returnJob(db, { jobId, leaseToken, reason: kind, cause: 'a test' });
    case 'hold':
      return holdJob(db, { jobId, leaseToken });
    default:
      return kind satisfies never;
  }
}
