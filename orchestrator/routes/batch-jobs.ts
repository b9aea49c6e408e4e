import { setImmediate as nextTurn } from 'node:timers/promises';
import { isDatabaseAway } from '@orca/database';
import {
  API_ERRORS,
  apiError,
  BATCH_JOBS_MAX,
  GradingJobSchema,
  type JobBatchAnswer,
  JobBatchAnswerSchema,
  JobBatchSchema,
  parseJobBatch,
} from '@orca/protocol';
import type { FastifyInstance, FastifyRequest, FastifySchema } from 'fastify';
import Type from 'typebox';
import { ApiFailure } from '../api-failure.ts';
import { BATCH_BYTES_MAX, BODY_BYTES_MAX } from '../read-json-body.ts';
import { callerOf, countAs } from '../require-caller.ts';
import { type AdmitDeps, type Admitted, admitJob, type PutJob, wakeFor } from './admit-job.ts';

type BatchEntry = JobBatchAnswer['results'][number];

const SCHEMA = {
  tags: ['jobs'],
  summary: 'Puts up to 200 jobs into the queue, each answered as if it were PUT alone',
  body: Type.Object(
    {
      ...JobBatchSchema.properties,
      grading_jobs: Type.Array(GradingJobSchema, { maxItems: BATCH_JOBS_MAX }),
    },
    { additionalProperties: false },
  ),
  response: { 200: JobBatchAnswerSchema },
  errors: ['invalid_request'],
} as const satisfies FastifySchema;

/** `PUT /grading_queue/batch`: up to 200 jobs, one after another, as if each were PUT alone. */
export function registerBatchRoute(server: FastifyInstance, deps: AdmitDeps): void {
  server.put('/grading_queue/batch', { bodyLimit: BATCH_BYTES_MAX, schema: SCHEMA }, (request) =>
    putBatch(request, deps),
  );
}

/**
 * A bad job spoils no other. They are stored in their order, so that the last one of a submitter is its newest.
 *
 * @throws {ApiFailure} `missing_body`, `invalid_request`, `overloaded` (each job counts as a request): nothing is stored
 * @throws {DatabaseError} when the database went away: some may be stored, and repeating the batch is harmless
 */
async function putBatch(request: FastifyRequest, deps: AdmitDeps): Promise<JobBatchAnswer> {
  const { body } = request;
  if (body === undefined) throw new ApiFailure('missing_body');
  const parsed = parseJobBatch(body);
  if (parsed.kind === 'invalid') throw new ApiFailure('invalid_request', parsed.errors);
  countAs(parsed.jobs.length, request);
  const caller = callerOf(request);
  const results: BatchEntry[] = [];
  const admitted: Admitted[] = [];
  try {
    for (const job of parsed.jobs) {
      // Two hundred checks are no single turn of the event loop, though a refused job waits for nothing.
      await nextTurn();
      const outcome = await admitOne({ body: job, immediate: parsed.immediate, caller }, deps);
      if (outcome instanceof ApiFailure) results.push(refusal(outcome, request.id));
      else {
        admitted.push(outcome);
        results.push({ status_code: 200, ...outcome.answer });
      }
    }
  } catch (error) {
    if (admitted.length === 0 || !isDatabaseAway(error)) throw error;
    throw halfStored({ stored: admitted.length, answered: results.length }, error);
  } finally {
    await wakeFor(admitted, deps);
  }
  return { results };
}

/** "Nothing was stored" would not be true of all of them. */
function halfStored({ stored, answered }: { stored: number; answered: number }, cause: unknown): ApiFailure {
  const sentence = `The database went away after ${answered} jobs, of which ${stored} are stored. Repeat the same request`;
  return new ApiFailure('outcome_unknown', [sentence], { cause });
}

async function admitOne(put: PutJob, deps: AdmitDeps): Promise<Admitted | ApiFailure> {
  try {
    refuseLargeJob(put.body);
    return await admitJob(put, deps);
  } catch (error) {
    if (error instanceof ApiFailure) return error;
    throw error;
  }
}

/** What is too large for a PUT of its own comes in by no other door. */
function refuseLargeJob(job: unknown): void {
  const bytes = Buffer.byteLength(JSON.stringify(job));
  if (bytes <= BODY_BYTES_MAX) return;
  const sentence = `Cannot take a job of ${bytes} bytes: at most ${BODY_BYTES_MAX} (1 MiB) are allowed`;
  throw new ApiFailure('body_too_large', [sentence]);
}

function refusal(failure: ApiFailure, requestId: string): BatchEntry {
  const { errors, code } = apiError(failure.code, failure.sentences, requestId);
  return { status_code: API_ERRORS[code].status, errors, code };
}
