import type { GradingJobConfig } from '@orca/protocol';
import { UserError } from '../user-error.ts';
import { fieldOf, numberOf, textOf, textsOf } from './json-fields.ts';

/** Where a job stands once it is taken. */
export interface TakenJob {
  readonly id: number;
  /** `Queue` or `HoldingPen`. */
  readonly location: string;
}

const QUEUE_PATH = '/api/v1/grading_queue';
const ANSWER_TIMEOUT_MS = 10_000;

/** The route that takes jobs. */
export function queueUrl(orcaUrl: string): string {
  return orcaUrl + QUEUE_PATH;
}

/** The route that tells where a job is; `id` may stand for one: `<id>`. */
export function statusUrl(orcaUrl: string, id: number | string): string {
  return `${orcaUrl}${QUEUE_PATH}/${id}/status`;
}

/**
 * Sends a job.
 *
 * @throws {UserError} with Orca's sentences when it is not taken
 */
export async function putJob(orcaUrl: string, job: GradingJobConfig): Promise<TakenJob> {
  const answer = await fetch(queueUrl(orcaUrl), {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(job),
    signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
  });
  const json: unknown = await answer.json();
  const status = fieldOf(json, 'status');
  const id = numberOf(status, 'id');
  if (!answer.ok || id === null)
    throw new UserError(
      `Cannot send a job: Orca answered ${answer.status}, ${textsOf(json, 'errors').join('; ')}`,
    );
  return { id, location: textOf(status, 'location') ?? '' };
}

/** What Orca says about a job to a person. */
export async function jobSentence(orcaUrl: string, id: number): Promise<string> {
  const answer = await fetch(statusUrl(orcaUrl, id), { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
  return String(await answer.json());
}
