import type { Logger } from '@orca/daemon';
import {
  cancelJob,
  type Database,
  findJobs,
  isDatabaseAway,
  type JobSearch,
  moveJob,
  notifyImages,
  notifyJobs,
  readClock,
  regradeJob,
  type SteeredJob,
} from '@orca/database';
import {
  BULK_IDS_SHOWN_MAX,
  BULK_JOBS_MAX,
  type BulkAnswer,
  BulkAnswerSchema,
  type BulkOrder,
  BulkOrderSchema,
  parseBulkOrder,
} from '@orca/protocol';
import type { FastifyInstance, FastifyRequest, FastifySchema } from 'fastify';
import { ApiFailure } from '../api-failure.ts';
import { audited } from '../audited.ts';
import { clientsOf } from '../authenticate.ts';
import { callerOf } from '../require-caller.ts';

/** What bulk operations need. */
export type BulkDeps = { db: Database; log: Logger };

/** `POST /grading_queue/bulk`: cancel, move or regrade all jobs that a filter finds. */
export function registerBulk(server: FastifyInstance, deps: BulkDeps): void {
  const schema = {
    tags: ['queue'],
    summary: 'Cancel, move or regrade all jobs that a filter finds, or count them',
    body: BulkOrderSchema,
    response: { 200: BulkAnswerSchema },
    errors: ['invalid_request'],
  } as const satisfies FastifySchema;
  server.post('/grading_queue/bulk', { schema }, (request) => runBulk(request, deps));
}

/**
 * Each job is changed in a transaction of its own, so nobody waits for the whole; an error in between leaves the rest as it
 * was, and the same request goes on with it.
 *
 * @throws {ApiFailure} `missing_body`, `invalid_request`
 */
async function runBulk(request: FastifyRequest, { db, log }: BulkDeps): Promise<BulkAnswer> {
  const { body } = request;
  const caller = callerOf(request);
  if (body === undefined) throw new ApiFailure('missing_body');
  const parsed = parseBulkOrder(body);
  if (parsed.kind === 'invalid') throw new ApiFailure('invalid_request', parsed.errors);
  const { action, filter, dry_run } = parsed.order;
  const clients = clientsAmong(filter.client, clientsOf(caller));
  const asOf = await readClock(db);
  const found = await findJobs(
    db,
    { ...searchOf(filter), states: parsed.states, clients },
    BULK_JOBS_MAX + 1,
  );
  const hasMore = found.length > BULK_JOBS_MAX;
  const ids = found.slice(0, BULK_JOBS_MAX);
  const answer = {
    ...{ matched: ids.length, has_more: hasMore, as_of: asOf.toISOString() },
    ids: ids.slice(0, BULK_IDS_SHOWN_MAX),
  };
  if (dry_run) return { ...answer, changed: 0, skipped: 0 };
  if (hasMore && (action === 'release' || action === 'delay'))
    throw new ApiFailure('invalid_request', [
      `filter: finds more than ${BULK_JOBS_MAX} jobs, too many to ${action} at once; narrow it, by arrived_before perhaps`,
    ]);
  let changed = 0;
  try {
    // The last that is moved to the front stands first: so the order among them stays.
    for (const jobId of action === 'release' ? ids.toReversed() : ids) {
      const audit = audited(request, action, `job ${jobId}`, 'done, in bulk');
      if (await change(db, action, { jobId, clients, audit })) changed += 1;
    }
  } catch (error) {
    throw changed > 0 && isDatabaseAway(error) ? halfDone({ action, changed, asOf }, error) : error;
  }
  if (action === 'regrade') await wakeForRegrades(db, log);
  log.info({ action, changed, matched: ids.length, by: caller.name }, 'jobs changed in bulk');
  return { ...answer, changed, skipped: ids.length - changed };
}

/** "Nothing was stored" would not be true of all of them. */
function halfDone(
  { action, changed, asOf }: { action: BulkOrder['action']; changed: number; asOf: Date },
  cause: unknown,
): ApiFailure {
  const again =
    action === 'regrade' ? `with "arrived_before": "${asOf.toISOString()}", lest they are graded twice` : '';
  const sentence = `The database went away after ${changed} jobs were changed. Repeat the request for the others ${again}`;
  return new ApiFailure('outcome_unknown', [sentence.trim()], { cause });
}

/** A client that the key does not name has no jobs. */
function clientsAmong(
  wanted: string | undefined,
  allowed: readonly string[] | null,
): readonly string[] | null {
  if (wanted === undefined) return allowed;
  return allowed === null || allowed.includes(wanted) ? [wanted] : [];
}

function searchOf(filter: BulkOrder['filter']): Omit<JobSearch, 'states' | 'clients'> {
  const { collation, metadata_table, grader_image_sha, arrived_after, arrived_before } = filter;
  return {
    ...(collation === undefined ? {} : { collation }),
    ...(metadata_table === undefined ? {} : { metadata: metadata_table }),
    imageSha: grader_image_sha ?? null,
    arrivedAfter: arrived_after === undefined ? null : new Date(arrived_after),
    arrivedBefore: arrived_before === undefined ? null : new Date(arrived_before),
  };
}

/** @returns whether the job was where the action wants it */
async function change(db: Database, action: BulkOrder['action'], job: SteeredJob): Promise<boolean> {
  switch (action) {
    case 'cancel':
      return (await cancelJob(db, job)).kind === 'cancelled';
    case 'release':
    case 'delay':
      return (await moveJob(db, { ...job, action })).kind === 'moved';
    case 'regrade':
      return (await regradeJob(db, job)).kind === 'regraded';
    default:
      return action satisfies never;
  }
}

/** A notification that is lost costs a poll's time, nothing else. */
async function wakeForRegrades(db: Database, log: Logger): Promise<void> {
  try {
    await notifyJobs(db);
    await notifyImages(db);
  } catch (err) {
    log.warn({ err }, 'cannot wake workers and builders for regrades, they will find them');
  }
}
