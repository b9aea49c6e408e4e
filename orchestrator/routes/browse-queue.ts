import {
  type Database,
  type JobFilter,
  type ListedJob,
  listWaitingJobs,
  type QueueSummary,
  summariseQueue,
} from '@orca/database';
import { pageLinks, type QueuedJob, type QueueList, QueueListSchema } from '@orca/protocol';
import type { FastifyInstance, FastifySchema } from 'fastify';
import { rememberBriefly } from '../remember-briefly.ts';
import { callerOf } from '../require-caller.ts';
import { type QueueQuery, QueueQuerySchema, readQueueQuery } from './read-queue-query.ts';

/** How old `total`, `stats` and `filter_info` may be. */
const SUMMARY_AGE_MS_MAX = 5_000;

type Summarise = (filter: JobFilter) => Promise<QueueSummary>;

/** `GET /grading_queue`: a page of the jobs that wait, with what all of them are like. */
export function registerBrowseQueue(server: FastifyInstance, { db }: { db: Database }): void {
  const remember = rememberBriefly<QueueSummary>(SUMMARY_AGE_MS_MAX);
  const summarise: Summarise = (filter) => remember(JSON.stringify(filter), () => summariseQueue(db, filter));
  const schema = {
    tags: ['queue'],
    summary: 'The jobs that wait to be graded, in their order',
    querystring: QueueQuerySchema,
    response: { 200: QueueListSchema },
    errors: ['invalid_request'],
  } as const satisfies FastifySchema;
  server.get('/grading_queue', { schema }, (request) =>
    listQueue(readQueueQuery(request.query, callerOf(request)), { db, summarise }),
  );
}

async function listQueue(
  { limit, offset, filter }: QueueQuery,
  { db, summarise }: { db: Database; summarise: Summarise },
): Promise<QueueList> {
  const all = await summarise({ clients: filter.clients });
  const summary = await summarise(filter);
  // One more than the page tells whether another page follows.
  const jobs = await listWaitingJobs(db, filter, { offset, limit: limit + 1, matches: summary.total });
  const total = totalOf(summary, { found: jobs.length, offset, limit });
  return {
    grading_jobs: jobs.slice(0, limit).map(shownJob),
    ...pageLinks({ offset, limit, total, hasMore: jobs.length > limit }),
    total,
    stats: { all: all.all, released: all.released },
    filter_info: Object.fromEntries(all.fields),
  };
}

/** The page is newer than the summary: so many there are at least, and no more where it is the last one. */
function totalOf(
  { total, isExact }: QueueSummary,
  { found, offset, limit }: { found: number; offset: number; limit: number },
): number {
  const seen = offset + found;
  if (!isExact || found > limit) return Math.max(total, seen);
  return found > 0 ? seen : Math.min(total, offset);
}

function shownJob(job: ListedJob): QueuedJob {
  return {
    id: job.jobId,
    state: 'waiting',
    client: job.client,
    collation: job.collation,
    metadata_table: job.metadata,
    priority: job.priority,
    generation: job.generation,
    is_immediate: job.isImmediate,
    grader_image_sha: job.imageSha,
    faults: job.faults,
    created_at: job.arrivedAt.toISOString(),
    release_at: job.releaseAt?.toISOString() ?? null,
    is_released: job.isReleased ?? false,
  };
}
