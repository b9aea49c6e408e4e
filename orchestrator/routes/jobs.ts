import { GradingJobSchema, type JobPutAnswer, JobPutAnswerSchema } from '@orca/protocol';
import type { FastifyInstance, FastifySchema } from 'fastify';
import { callerOf } from '../require-caller.ts';
import { type AdmitDeps, admitJob, type PutJob, wakeFor } from './admit-job.ts';

const PUT_SCHEMA = {
  tags: ['jobs'],
  body: GradingJobSchema,
  response: { 200: JobPutAnswerSchema },
  errors: ['invalid_job', 'unknown_image'],
} as const satisfies FastifySchema;
const QUEUE_SCHEMA = {
  ...PUT_SCHEMA,
  summary: 'Puts a job into the queue',
  description:
    'Answered 200, it is stored. The same job once more changes nothing; one with other content replaces it.',
} as const satisfies FastifySchema;
const IMMEDIATE_SCHEMA = {
  ...PUT_SCHEMA,
  summary: 'Puts a job into the queue, without its delay',
  description:
    "The submitter's own later jobs do not overtake it. A job that waits already becomes immediate.",
} as const satisfies FastifySchema;

/** `PUT /grading_queue` and `PUT /grading_queue/immediate`. */
export function registerJobRoutes(server: FastifyInstance, deps: AdmitDeps): void {
  server.put('/grading_queue', { schema: QUEUE_SCHEMA }, (request) =>
    putJob({ body: request.body, immediate: false, caller: callerOf(request) }, deps),
  );
  server.put('/grading_queue/immediate', { schema: IMMEDIATE_SCHEMA }, (request) =>
    putJob({ body: request.body, immediate: true, caller: callerOf(request) }, deps),
  );
}

async function putJob(put: PutJob, deps: AdmitDeps): Promise<JobPutAnswer> {
  const admitted = await admitJob(put, deps);
  await wakeFor([admitted], deps);
  return admitted.answer;
}
