import type { Logger } from '@orca/daemon';
import { type Database, enqueueJob, notifyJobs } from '@orca/database';
import { clientOf, delaySecondsOf, type GradingJobConfig, parseGradingJob } from '@orca/protocol';
import type { FastifyInstance } from 'fastify';
import { ApiFailure } from '../api-failure.ts';
import { type Caller, mayActFor } from '../authenticate.ts';
import { callerOf } from '../require-caller.ts';
import { remarksOnJob } from './remarks.ts';

/** What the routes of jobs need. */
export type JobRoutesDeps = { db: Database; log: Logger };

type PutAnswer = {
  message: 'OK';
  status: { location: 'Queue' | 'HoldingPen'; id: number };
  /** What was accepted and lowered or ignored; absent when there is nothing to say. */
  warnings?: string[];
};

/** `PUT /grading_queue` and `PUT /grading_queue/immediate`. */
export function registerJobRoutes(server: FastifyInstance, deps: JobRoutesDeps): void {
  server.put('/grading_queue', (request) =>
    putJob({ body: request.body, immediate: false, caller: callerOf(request) }, deps),
  );
  server.put('/grading_queue/immediate', (request) =>
    putJob({ body: request.body, immediate: true, caller: callerOf(request) }, deps),
  );
}

/**
 * Checks a job and gives it its place. What is answered 200 is in the database.
 *
 * @throws {ApiFailure} `missing_body`, `invalid_job`, `unauthorized` (the key does not name the host), `unknown_image`
 * @throws {DatabaseError} `outcome_unknown` when the job may have been stored: repeating the request is harmless
 */
async function putJob(
  put: { body: unknown; immediate: boolean; caller: Caller },
  deps: JobRoutesDeps,
): Promise<PutAnswer> {
  if (put.body === undefined) throw new ApiFailure('missing_body');
  const parsed = parseGradingJob(put.body);
  if (parsed.kind === 'invalid') throw new ApiFailure('invalid_job', parsed.errors);
  const { job } = parsed;
  const warnings = remarksOnJob(job, parsed.warnings);
  const client = clientOf(job.response_url);
  if (!mayActFor(put.caller, client)) throw new ApiFailure('unauthorized');
  const queued = await enqueueJob(deps.db, placeOf(job, client, put.immediate));
  if (queued.kind === 'unknown_image') throw unknownImage(job);
  const { jobId, location, change } = queued;
  deps.log.info({ jobId, client, location, change, immediate: put.immediate }, 'job put');
  if (change !== 'same') await wakeWorkers(jobId, deps);
  const answer: PutAnswer = { message: 'OK', status: { location, id: jobId } };
  return warnings.length === 0 ? answer : { ...answer, warnings };
}

function placeOf(
  job: GradingJobConfig,
  client: string,
  immediate: boolean,
): Parameters<typeof enqueueJob>[1] {
  return {
    client,
    key: job.key,
    responseUrl: job.response_url,
    collation: job.collation,
    config: job,
    delaySeconds: immediate ? 0 : delaySecondsOf(job),
    immediate,
  };
}

function unknownImage(job: GradingJobConfig): ApiFailure {
  const sentence = `grader_image_sha: no image "${job.grader_image_sha}" is built or being built; POST its Dockerfile`;
  return new ApiFailure('unknown_image', [sentence]);
}

/** A notification that is lost costs a poll's time, nothing else: the answer stands. */
async function wakeWorkers(jobId: number, { db, log }: JobRoutesDeps): Promise<void> {
  try {
    await notifyJobs(db);
  } catch (err) {
    log.warn({ err, jobId }, 'cannot wake the workers for a job, they will find it');
  }
}
