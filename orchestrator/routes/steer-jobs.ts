import type { Logger } from '@orca/daemon';
import { cancelJob, type Database, moveJob } from '@orca/database';
import { MoveOrderSchema, parseMoveOrder, SteeredAnswerSchema } from '@orca/protocol';
import type { FastifyInstance, FastifyRequest, FastifySchema } from 'fastify';
import { ApiFailure } from '../api-failure.ts';
import { audited } from '../audited.ts';
import { clientsOf } from '../authenticate.ts';
import { parameterOf, wholeNumberOf } from '../read-parameters.ts';
import { callerOf } from '../require-caller.ts';
import { JobParamsSchema } from './parameter-schemas.ts';

/** What steering the queue needs. */
export type SteerDeps = { db: Database; log: Logger };

const OK = { message: 'OK' } as const;

const MOVE_SCHEMA = {
  tags: ['queue'],
  summary: 'Moves a job that waits to an end of the line: release to the front, delay behind everything',
  body: MoveOrderSchema,
  response: { 200: SteeredAnswerSchema },
  errors: ['invalid_request', 'not_found', 'job_not_waiting'],
} as const satisfies FastifySchema;
const CANCEL_SCHEMA = {
  tags: ['queue'],
  summary: 'Cancels a job, wherever it is; its client gets a result that says so',
  params: JobParamsSchema,
  response: { 200: SteeredAnswerSchema },
  errors: ['invalid_request', 'not_found', 'job_finished'],
} as const satisfies FastifySchema;

/** `PUT /grading_queue/move` and `DELETE /grading_queue/:jobID`. */
export function registerSteering(server: FastifyInstance, deps: SteerDeps): void {
  server.put('/grading_queue/move', { schema: MOVE_SCHEMA }, (request) => putMove(request, deps));
  server.delete('/grading_queue/:jobID', { schema: CANCEL_SCHEMA }, (request) => deleteJob(request, deps));
}

/** @throws {ApiFailure} `missing_body`, `invalid_request`, `not_found`, `job_not_waiting` */
async function putMove(request: FastifyRequest, { db, log }: SteerDeps): Promise<typeof OK> {
  const { body } = request;
  const caller = callerOf(request);
  if (body === undefined) throw new ApiFailure('missing_body');
  const parsed = parseMoveOrder(body);
  if (parsed.kind === 'invalid') throw new ApiFailure('invalid_request', parsed.errors);
  const { jobID: jobId, moveAction: action } = parsed.order;
  const audit = audited(request, action, `job ${jobId}`);
  const moved = await moveJob(db, { jobId, action, clients: clientsOf(caller), audit });
  switch (moved.kind) {
    case 'moved':
      log.info({ jobId, action, by: caller.name }, 'job moved');
      return OK;
    case 'not_waiting': {
      const now = moved.state === 'grading' ? 'is being graded' : 'has finished already';
      throw new ApiFailure('job_not_waiting', [`Cannot move job ${jobId}: it ${now}`]);
    }
    case 'unknown':
      throw unknownJob('move', jobId);
    default:
      return moved satisfies never;
  }
}

/** @throws {ApiFailure} `not_found`, `job_finished` */
async function deleteJob(request: FastifyRequest, { db, log }: SteerDeps): Promise<typeof OK> {
  const jobId = wholeNumberOf('jobID', parameterOf(request.params, 'jobID'));
  const caller = callerOf(request);
  const audit = audited(request, 'cancel', `job ${jobId}`);
  const cancelled = await cancelJob(db, { jobId, clients: clientsOf(caller), audit });
  switch (cancelled.kind) {
    case 'cancelled':
      log.info({ jobId, from: cancelled.from, by: caller.name }, 'job cancelled');
      return OK;
    case 'finished': {
      const sentence = `Cannot cancel job ${jobId}: it has finished already (${cancelled.outcome})`;
      throw new ApiFailure('job_finished', [sentence]);
    }
    case 'unknown':
      throw unknownJob('cancel', jobId);
    default:
      return cancelled satisfies never;
  }
}

/** The same for a job that another key may see. */
function unknownJob(action: 'move' | 'cancel', jobId: number): ApiFailure {
  return new ApiFailure('not_found', [`Cannot ${action} job ${jobId}: there is none that this key may see`]);
}
