import type { Collation, GradingJobConfig, JobLocation } from '@orca/protocol';
import type { BatchParameter, BoundStatement } from '../batch.ts';
import { type Database, type Queries, RepeatTransaction } from '../connect.ts';
import { gather } from '../gather.ts';
import { notifyDeliveries, notifyRuns } from '../notify.ts';
import { sqlFile } from '../sql-blocks.ts';
import { identifyJob, type JobIdentity } from './identify.ts';
import { labelsOf } from './label-job.ts';
import { lockPlace } from './lock-place.ts';
import { type EnqueuePlan, type KnownJob, planEnqueue } from './plan-enqueue.ts';

const sql = sqlFile(import.meta.url, 'enqueue.sql');

/** A job to be queued. */
export type NewJob = {
  /** Hostname of `responseUrl`, in lower case. */
  client: string;
  key: string;
  responseUrl: string;
  collation: Collation;
  config: GradingJobConfig;
  /** Not graded before so many seconds from now, at least 0. Without effect on a job that keeps its place. */
  delaySeconds: number;
  /** Released at once, and not to be overtaken by the submitter's own other jobs. */
  immediate: boolean;
};

/** What became of it. */
export type Enqueued =
  | {
      kind: 'queued';
      jobId: number;
      location: Extract<JobLocation, 'Queue' | 'HoldingPen'>;
      /** `same`: nothing changed. `updated`: a new generation, or a job that is immediate now. */
      change: 'new' | 'same' | 'updated';
    }
  /** No image with this SHA-256 is there or being built. Nothing was stored. */
  | { kind: 'unknown_image' };

/**
 * Queues a job, or gives a known one new content.
 *
 * The same content again changes nothing. Other content supersedes: the generation rises, the place stays, and a run in
 * progress is told to stop. A finished job begins its next generation with a new place, and a result of the last one
 * that is not delivered yet is dropped.
 *
 * The caller tells the workers ({@link notifyJobs}) afterwards.
 *
 * @throws {DatabaseError} `database_unreachable`: nothing is stored; `outcome_unknown`: the same once more is harmless
 * @see docs/job-lifecycle.md
 */
export async function enqueueJob(db: Database, job: NewJob): Promise<Enqueued> {
  const ids = identifyJob(job);
  const inserted = await inserterOf(db)({ job, ids });
  if (inserted !== null) return { kind: 'queued', jobId: inserted, location: 'Queue', change: 'new' };
  const { enqueued, stopsRun } = await db.transaction((tx) => enqueueKnown(tx, job, ids));
  if (stopsRun && enqueued.kind === 'queued') {
    // A hint only: without it the worker learns it when it renews the lease.
    await notifyRuns(db, enqueued.jobId).catch(() => undefined);
    // Its client is owed a status: the job is back in the queue.
    await notifyDeliveries(db).catch(() => undefined);
  }
  return enqueued;
}

/** Of `insert_four_ready_jobs`. */
const TOGETHER = 4;

type Given = { job: NewJob; ids: JobIdentity };

/** Of each database: jobs that come at the same moment are inserted together. */
const inserters = new WeakMap<Database, (given: Given) => Promise<number | null>>();

function inserterOf(db: Database): (given: Given) => Promise<number | null> {
  const known = inserters.get(db);
  if (known !== undefined) return known;
  const made = gather((jobs: readonly Given[]) => insertReadyJobs(db, jobs));
  inserters.set(db, made);
  return made;
}

/**
 * In the order of their identities, so that two transactions that have two of them in common do not wait for each other.
 *
 * @returns for each its id, or `null`: it is not new, or its image is not there
 */
async function insertReadyJobs(db: Database, jobs: readonly Given[]): Promise<(number | null)[]> {
  const inOrder = jobs.toSorted((a, b) => Buffer.compare(a.ids.identity, b.ids.identity));
  const statements = inStatements(inOrder);
  const answers = await db.batch(statements.map(bindInsert));
  const idOf = new Map(
    statements.flatMap((some, index) =>
      (answers[index] ?? []).map(({ id, number }): [Given | undefined, number] => [some[number ?? 0], id]),
    ),
  );
  return jobs.map((given) => idOf.get(given) ?? null);
}

/** Four of them, or one, for a statement each; none of the four twice. */
function inStatements(inOrder: readonly Given[]): Given[][] {
  const statements: Given[][] = [];
  for (let next = 0; next < inOrder.length; ) {
    const four = inOrder.slice(next, next + TOGETHER);
    const isDistinct = four.every(
      ({ ids }, index) => index === 0 || four[index - 1]?.ids.identity.equals(ids.identity) === false,
    );
    const some = four.length === TOGETHER && isDistinct ? four : four.slice(0, 1);
    statements.push(some);
    next += some.length;
  }
  return statements;
}

function bindInsert(some: readonly Given[]): BoundStatement {
  const statement = sql(some.length === 1 ? 'insert_ready_job' : 'insert_four_ready_jobs');
  return { statement, parameters: some.flatMap(({ job, ids }) => insertParameters(job, ids)) };
}

type Outcome = { enqueued: Enqueued; stopsRun: boolean };

async function enqueueKnown(tx: Queries, job: NewJob, ids: JobIdentity): Promise<Outcome> {
  const image = await lockImage(tx, job.config.grader_image_sha);
  const [known] = await tx.query<KnownJob>(sql('lock_job_by_identity'), [ids.identity]);
  const plan = planEnqueue(known ?? null, {
    image,
    hasSameContent: known?.content.equals(ids.content) ?? false,
    immediate: job.immediate,
  });
  if (plan.kind === 'refuse') return { enqueued: { kind: 'unknown_image' }, stopsRun: false };
  if (plan.state === 'held') await tx.query(sql('request_pruned_image'), [job.config.grader_image_sha]);
  const jobId =
    known === undefined ? await insert(tx, job, ids, plan) : await change(tx, known, job, ids, plan);
  const location = plan.state === 'held' ? 'HoldingPen' : 'Queue';
  return {
    enqueued: { kind: 'queued', jobId, location, change: changeOf(plan) },
    stopsRun: plan.kind === 'take_back',
  };
}

/** @returns its state, `null` when there is none */
async function lockImage(tx: Queries, sha: string): Promise<string | null> {
  const [seen] = await tx.query<{ state: string }>(sql('find_image_state'), [sha]);
  const lock = seen?.state === 'pruned' ? 'lock_pruned_image' : 'lock_image';
  const [image] = await tx.query<{ state: string }>(sql(lock), [sha]);
  return image?.state ?? null;
}

/** The parameters of `insert_ready_job`, in their order. */
export function insertParameters(job: NewJob, ids: JobIdentity): BatchParameter[] {
  const { client, responseUrl, config, immediate } = job;
  const content = [ids.content, JSON.stringify(config), config.grader_image_sha];
  return [
    ids.identity,
    client,
    responseUrl,
    ids.submitter,
    ...content,
    immediate,
    delayOf(job),
    labelsOf(job),
  ];
}

/** An immediate job is released at once, whatever else it says. */
function delayOf(job: NewJob): number {
  return job.immediate ? 0 : job.delaySeconds;
}

type Change = Exclude<EnqueuePlan, { kind: 'refuse' }>;

async function insert(tx: Queries, job: NewJob, ids: JobIdentity, plan: Change): Promise<number> {
  const parameters = [...insertParameters(job, ids), plan.state];
  const [inserted] = await tx.query<{ id: number }>(sql('insert_job'), parameters);
  if (inserted === undefined) throw new RepeatTransaction('the same job was inserted meanwhile');
  return inserted.id;
}

async function change(
  tx: Queries,
  known: KnownJob,
  job: NewJob,
  ids: JobIdentity,
  plan: Change,
): Promise<number> {
  const { id } = known;
  const labels = labelsOf(job);
  const content = [ids.content, JSON.stringify(job.config), job.config.grader_image_sha];
  switch (plan.kind) {
    case 'keep':
    case 'insert':
      break;
    case 'restart':
      await tx.query(sql('restart_job'), [
        ...[id, plan.state, ids.submitter, ...content],
        ...[job.immediate, delayOf(job), labels],
      ]);
      break;
    case 'take_back':
      await tx.query(sql('take_back_run'), [id, plan.state, ...content, labels]);
      if (job.immediate) await tx.query(sql('keep_immediate'), [id]);
      break;
    case 'renew':
      await changePlace(tx, known, plan);
      await tx.query(sql('end_back_off'), [id]);
      await tx.query(sql('renew_content'), [id, plan.state, ...content, labels]);
      break;
    case 'make_immediate':
      await changePlace(tx, known, plan);
      break;
    default:
      plan satisfies never;
  }
  return id;
}

/** Moves a held or waiting job's place into the pen or out of it, and names it when the job is immediate now. */
async function changePlace(
  tx: Queries,
  known: KnownJob,
  plan: Extract<EnqueuePlan, { kind: 'renew' | 'make_immediate' }>,
): Promise<void> {
  if (plan.state === known.state && !plan.becomesImmediate) return;
  const { id, state } = known;
  if (state !== 'held' && state !== 'waiting') return;
  const placeId = await lockPlace(tx, { id, state });
  if (state === 'waiting' && plan.state === 'held') await tx.query(sql('hold_place'), [placeId, id]);
  if (state === 'held' && plan.state === 'waiting') await tx.query(sql('release_place'), [placeId]);
  if (!plan.becomesImmediate) return;
  await tx.query(sql('name_place'), [placeId, id]);
  await tx.query(sql('make_immediate'), [known.id]);
}

function changeOf(plan: Change): 'new' | 'same' | 'updated' {
  switch (plan.kind) {
    case 'insert':
      return 'new';
    case 'keep':
      return 'same';
    case 'restart':
    case 'take_back':
    case 'renew':
    case 'make_immediate':
      return 'updated';
    default:
      return plan satisfies never;
  }
}
