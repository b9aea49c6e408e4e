import {
  GradingJobSchema,
  GradingScriptSchema,
  parseGradingJob,
  parseGradingScript,
  unreachableCommands,
  type ValidationAnswer,
  ValidationAnswerSchema,
} from '@orca/protocol';
import type { FastifyInstance, FastifySchema } from 'fastify';
import Type from 'typebox';
import { ApiFailure } from '../api-failure.ts';
import { remarksOnJob } from './remarks.ts';

const SCHEMA = {
  tags: ['validation'],
  description: 'Well or not, the answer is a 200: `message`, or `errors` with everything that is wrong.',
  response: { 200: ValidationAnswerSchema },
} as const satisfies FastifySchema;
const JOB_SCHEMA = {
  ...SCHEMA,
  summary: 'Checks a grading job',
  body: GradingJobSchema,
} as const satisfies FastifySchema;
const SCRIPT_SCHEMA = {
  ...SCHEMA,
  summary: 'Checks a grading script',
  body: Type.Union([GradingScriptSchema, Type.Object({ script: GradingScriptSchema })]),
} as const satisfies FastifySchema;

/** `POST /validate_grading_job` and `POST /validate_grading_script`: what a `PUT` would say, and nothing is stored. */
export function registerValidationRoutes(server: FastifyInstance): void {
  server.post('/validate_grading_job', { schema: JOB_SCHEMA }, async (request) =>
    validateJob(bodyOf(request)),
  );
  server.post('/validate_grading_script', { schema: SCRIPT_SCHEMA }, async (request) =>
    validateScript(bodyOf(request)),
  );
}

function validateJob(body: unknown): ValidationAnswer {
  const parsed = parseGradingJob(body);
  if (parsed.kind === 'invalid') return { errors: parsed.errors };
  const { job, warnings } = parsed;
  return valid('The grading job is valid.', [
    ...remarksOnJob(job, warnings),
    ...unreachableCommands(job.script),
  ]);
}

/** Takes the list itself, or an object that has it as `script`. */
function validateScript(body: unknown): ValidationAnswer {
  const script = typeof body === 'object' && body !== null && 'script' in body ? body.script : body;
  const checked = parseGradingScript(script);
  if (checked.kind === 'invalid') return { errors: checked.errors };
  return valid('The grading script is valid.', unreachableCommands(checked.script));
}

function valid(message: string, warnings: string[]): ValidationAnswer {
  return warnings.length === 0 ? { message } : { message, warnings };
}

function bodyOf({ body }: { body?: unknown }): unknown {
  if (body === undefined) throw new ApiFailure('missing_body');
  return body;
}
