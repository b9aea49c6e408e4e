import type { Logger } from '@orca/daemon';
import { type Database, enqueueJob, findImage, notifyImages, notifyJobs } from '@orca/database';
import {
  clientOf,
  delaySecondsOf,
  ERROR_CHARACTERS_MAX,
  type GradingJobConfig,
  type JobPutAnswer,
  parseGradingJob,
  plainLine,
} from '@orca/protocol';
import { ApiFailure } from '../api-failure.ts';
import { type Caller, mayActFor } from '../authenticate.ts';
import { remarksOnJob } from './remarks.ts';

/** What taking a job in needs. */
export type AdmitDeps = { db: Database; log: Logger };

/** A job that somebody PUTs; `body` is what came. */
export type PutJob = { body: unknown; immediate: boolean; caller: Caller };

/** A job that is in the database. */
export type Admitted = {
  answer: JobPutAnswer;
  /** Who is to be told afterwards ({@link wakeFor}): workers, image builders or, when nothing has changed, nobody. */
  wakes: 'Queue' | 'HoldingPen' | null;
};

/**
 * Checks a job and gives it its place. What is answered 200 is in the database.
 *
 * @throws {ApiFailure} `missing_body`, `invalid_job`, `unauthorized` (the key does not name the host), `unknown_image`
 * @throws {DatabaseError} `outcome_unknown` when the job may have been stored: repeating the request is harmless
 */
export async function admitJob(put: PutJob, deps: AdmitDeps): Promise<Admitted> {
  if (put.body === undefined) throw new ApiFailure('missing_body');
  const parsed = parseGradingJob(put.body);
  if (parsed.kind === 'invalid') throw new ApiFailure('invalid_job', parsed.errors);
  const { job } = parsed;
  const warnings = remarksOnJob(job, parsed.warnings);
  const client = clientOf(job.response_url);
  if (!mayActFor(put.caller, client)) throw new ApiFailure('unauthorized');
  const queued = await enqueueJob(deps.db, placeOf(job, client, put.immediate));
  if (queued.kind === 'unknown_image') throw await unknownImage(job, deps.db);
  const { jobId, location, change } = queued;
  deps.log.info({ jobId, client, location, change, immediate: put.immediate }, 'job put');
  const answer: JobPutAnswer = { message: 'OK', status: { location, id: jobId } };
  return {
    answer: warnings.length === 0 ? answer : { ...answer, warnings },
    wakes: change === 'same' ? null : location,
  };
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

/** The step to take comes before the reason, which may be long and is cut. */
async function unknownImage({ grader_image_sha: sha }: GradingJobConfig, db: Database): Promise<ApiFailure> {
  const image = await findImage(db, sha);
  const sentence =
    image?.state === 'failed'
      ? `the last build of image "${sha}" failed; POST its Dockerfile to build it again. ${plainLine(image.failure ?? '', ERROR_CHARACTERS_MAX)}`
      : `no image "${sha}" is built or being built; POST its Dockerfile`;
  return new ApiFailure('unknown_image', [`grader_image_sha: ${sentence}`]);
}

/** A notification that is lost costs a poll's time, nothing else: the answers stand. */
export async function wakeFor(admitted: readonly Admitted[], { db, log }: AdmitDeps): Promise<void> {
  const woken = new Set(admitted.map(({ wakes }) => wakes));
  try {
    if (woken.has('Queue')) await notifyJobs(db);
    // A job in the holding pen may have put an image in line that had been pruned.
    if (woken.has('HoldingPen')) await notifyImages(db);
  } catch (err) {
    log.warn({ err }, 'cannot wake who is next for a job: they will find it');
  }
}
