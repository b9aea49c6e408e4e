import {
  type Database,
  findJobId,
  findJobPlace,
  findJobRow,
  findResult,
  type JobRow,
  jobState,
  listDeliveriesOfJob,
  listResults,
} from '@orca/database';
import {
  clientOf,
  GradingResultSchema,
  JobDetailsSchema,
  JobNameSchema,
  parseJobName,
  statusSentence,
} from '@orca/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema } from 'fastify';
import Type from 'typebox';
import { ApiFailure } from '../api-failure.ts';
import { mayActFor } from '../authenticate.ts';
import { parameterOf, queryText, refuseOtherParameters, wholeNumberOf } from '../read-parameters.ts';
import { callerOf } from '../require-caller.ts';
import { JobParamsSchema } from './parameter-schemas.ts';
import { shownJob } from './shown-job.ts';

const GENERATION_MAX = 2 ** 31 - 1;
const NUMBER_BYTES_MAX = 16;

/**
 * `GET /jobs/:jobID`, and `GET /jobs/:jobID/result`: its result as it is or was POSTed, for its client. `POST /jobs/find` and
 * `POST /jobs/find_result` are the same for a client that knows its own key of the job, and has lost the number.
 */
export function registerJobDetails(server: FastifyInstance, { db }: { db: Database }): void {
  const tags = ['jobs'] as const;
  const detailsSchema = {
    tags,
    summary: 'A job: where it is and why, how long each phase took, and what became of its result',
    params: JobParamsSchema,
    response: { 200: JobDetailsSchema },
    errors: ['invalid_request', 'not_found'],
  } as const satisfies FastifySchema;
  server.get('/jobs/:jobID', { schema: detailsSchema }, async (request) =>
    showJob(await visibleJob(request, db), db),
  );
  const resultSchema = {
    tags,
    summary: 'The result of a job, byte for byte as it is POSTed; it does not count as delivered',
    params: JobParamsSchema,
    querystring: Type.Object({
      generation: Type.Optional(Type.Integer({ minimum: 1, maximum: GENERATION_MAX })),
    }),
    response: { 200: GradingResultSchema },
    errors: ['invalid_request', 'not_found'],
  } as const satisfies FastifySchema;
  server.get('/jobs/:jobID/result', { schema: resultSchema }, async (request, reply) => {
    refuseOtherParameters(request.query, ['generation']);
    const generation = generationOf(request.query);
    return sendResult(await visibleJob(request, db), generation, reply, db);
  });
  const named = { tags, body: JobNameSchema, errors: ['invalid_request', 'not_found'] } as const;
  const findSchema = {
    ...named,
    summary: 'A job by the key and the response_url that it was PUT with, as GET /jobs/:jobID shows it',
    response: { 200: JobDetailsSchema },
  } as const satisfies FastifySchema;
  server.post('/jobs/find', { schema: findSchema }, async (request) =>
    showJob(await namedJob(request, db), db),
  );
  const findResultSchema = {
    ...named,
    summary:
      'The last result of a job by the key and the response_url that it was PUT with; it does not count as delivered',
    response: { 200: GradingResultSchema },
  } as const satisfies FastifySchema;
  server.post('/jobs/find_result', { schema: findResultSchema }, async (request, reply) =>
    sendResult(await namedJob(request, db), null, reply, db),
  );
}

/**
 * The job that a body names.
 *
 * @throws {ApiFailure} `missing_body`, `invalid_request`; `unauthorized` for a host that the key does not name; `not_found`
 */
async function namedJob(request: FastifyRequest, db: Database): Promise<JobRow> {
  if (request.body === undefined) throw new ApiFailure('missing_body');
  const parsed = parseJobName(request.body);
  if (parsed.kind === 'invalid') throw new ApiFailure('invalid_request', parsed.errors);
  const { key, response_url: responseUrl } = parsed.name;
  const client = clientOf(responseUrl);
  // As any body with a `response_url` of a host that the key does not name.
  if (!mayActFor(callerOf(request), client)) throw new ApiFailure('unauthorized');
  const jobId = await findJobId(db, { client, key, responseUrl });
  const job = jobId === null ? null : await findJobRow(db, jobId);
  if (job === null) throw new ApiFailure('not_found', ['No job of this key and response_url is known']);
  return job;
}

/**
 * The job that a path names.
 *
 * @throws {ApiFailure} `not_found` when there is none, or it is of a host that the key does not name: the same for both
 */
export async function visibleJob(request: FastifyRequest, db: Database): Promise<JobRow> {
  return visibleJobOf(request, wholeNumberOf('jobID', parameterOf(request.params, 'jobID')), db);
}

/** As {@link visibleJob}, for an id that stands elsewhere. */
export async function visibleJobOf(request: FastifyRequest, jobId: number, db: Database): Promise<JobRow> {
  const job = await findJobRow(db, jobId);
  if (job === null || !mayActFor(callerOf(request), job.client))
    throw new ApiFailure('not_found', [`No job ${jobId} is known`]);
  return job;
}

async function showJob(job: JobRow, db: Database) {
  const { jobId } = job;
  const [place, state, results, deliveries] = await Promise.all([
    findJobPlace(db, jobId),
    jobState(db, jobId),
    listResults(db, jobId),
    listDeliveriesOfJob(db, jobId),
  ]);
  return shownJob({ job, place, state, results, deliveries });
}

/**
 * @param generation `null`: the last that has a result
 * @throws {ApiFailure} `not_found` while there is no result; the sentence says where the job is
 */
async function sendResult(
  { jobId, generation: current }: JobRow,
  generation: number | null,
  reply: FastifyReply,
  db: Database,
): Promise<FastifyReply> {
  const result = await findResult(db, jobId, generation);
  if (result === null) {
    const which = generation === null ? '' : ` of generation ${generation}`;
    const where = statusSentence(await jobState(db, jobId));
    throw new ApiFailure('not_found', [
      `Job ${jobId} has no result${which}; it is in generation ${current}. ${where}`,
    ]);
  }
  return reply
    .headers({ 'content-type': 'application/json; charset=utf-8', 'webhook-id': result.gradingId })
    .serializer((body: string) => body)
    .send(result.body);
}

/** @returns `null`: the last that has a result */
function generationOf(query: unknown): number | null {
  const text = queryText(query, 'generation', NUMBER_BYTES_MAX);
  if (text === null) return null;
  const generation = wholeNumberOf('generation', text);
  if (generation > GENERATION_MAX)
    throw new ApiFailure('invalid_request', [`generation: must be at most ${GENERATION_MAX}`]);
  return generation;
}
