import { fieldOf, numberOf, textOf, textsOf } from '../json-fields.ts';
import { askOrca, type OrcaCall, refusalOf } from '../orca-api/call-orca.ts';
import type { OrcaAccess } from '../orca-api/choose-access.ts';

/** What became of a job that was sent. */
export type Submitted =
  | {
      readonly kind: 'taken';
      readonly id: number;
      readonly location: string;
      readonly warnings: readonly string[];
    }
  | { readonly kind: 'invalid'; readonly errors: readonly string[] };

/** Where a job is, as the public route says. */
export interface JobNews {
  readonly sentence: string;
}

const QUEUE_PATH = '/grading_queue';
const KEY_NEEDS = 'for the host of response_url';

/** Codes of answers that say what is wrong with the job itself. */
const INVALID_CODES = ['invalid_job', 'invalid_script', 'invalid_json', 'body_too_large'];

/**
 * PUTs a job, as it stands in its file. Sending it twice has no other effect than once.
 *
 * @throws {UserError} that says what to do when the server does not take it for another reason than what is in it
 * @throws the signal's reason when it aborts
 */
export async function submitJob(target: OrcaAccess, job: string, signal: AbortSignal): Promise<Submitted> {
  const call: OrcaCall = {
    ...{ method: 'PUT', path: QUEUE_PATH, body: { text: job } },
    purpose: 'send the job',
    keyNeeds: KEY_NEEDS,
  };
  const answer = await askOrca(target, call, signal);
  const status = fieldOf(answer.json, 'status');
  const id = numberOf(status, 'id');
  if (answer.ok && id !== null)
    return {
      kind: 'taken',
      id,
      location: textOf(status, 'location') ?? '',
      warnings: textsOf(answer.json, 'warnings'),
    };
  if (INVALID_CODES.includes(textOf(answer.json, 'code') ?? ''))
    return { kind: 'invalid', errors: textsOf(answer.json, 'errors') };
  throw refusalOf(target, call, answer);
}

/**
 * Asks where a job is.
 *
 * @throws {OrcaAwayError} when nothing answers, or the server asks to come again
 * @throws {UserError} when the server does not say
 * @throws the signal's reason when it aborts
 */
export async function askForNews(target: OrcaAccess, id: number, signal: AbortSignal): Promise<JobNews> {
  const path = `${QUEUE_PATH}/${id}/status`;
  const call: OrcaCall = { method: 'GET', path, purpose: `follow job ${id}`, keyNeeds: KEY_NEEDS };
  const answer = await askOrca(target, call, signal);
  if (answer.ok && typeof answer.json === 'string') return { sentence: answer.json };
  throw refusalOf(target, call, answer);
}
