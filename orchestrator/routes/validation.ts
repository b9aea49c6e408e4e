import { checkGradingScript, parseGradingJob } from '@orca/protocol';
import type { FastifyInstance } from 'fastify';
import { ApiFailure } from '../api-failure.ts';

/** What a validation says: that all is well, perhaps with remarks, or everything that is wrong. Both are a 200. */
type ValidationAnswer = { message: string; warnings?: string[] } | { errors: string[] };

/** `POST /validate_grading_job` and `POST /validate_grading_script`: what a `PUT` would say, and nothing is stored. */
export function registerValidationRoutes(server: FastifyInstance): void {
  server.post('/validate_grading_job', async (request) => validateJob(bodyOf(request)));
  server.post('/validate_grading_script', async (request) => validateScript(bodyOf(request)));
}

function validateJob(body: unknown): ValidationAnswer {
  const parsed = parseGradingJob(body);
  if (parsed.kind === 'invalid') return { errors: parsed.errors };
  const message = 'The grading job is valid.';
  return parsed.warnings.length === 0 ? { message } : { message, warnings: parsed.warnings };
}

/** Takes the list itself, or an object that has it as `script`. */
function validateScript(body: unknown): ValidationAnswer {
  const script = typeof body === 'object' && body !== null && 'script' in body ? body.script : body;
  const errors = checkGradingScript(script);
  return errors.length === 0 ? { message: 'The grading script is valid.' } : { errors };
}

function bodyOf({ body }: { body?: unknown }): unknown {
  if (body === undefined) throw new ApiFailure('missing_body');
  return body;
}
