import type { GradingJobConfig, ImageBuildRequest } from '@orca/protocol';
import { fieldOf, numberOf, textOf, textsOf } from '../json-fields.ts';
import { UserError } from '../user-error.ts';

/** Where a job stands once it is taken. */
export interface TakenJob {
  readonly id: number;
  /** `Queue` or `HoldingPen`. */
  readonly location: string;
}

/** A request for an image that was taken. */
export interface TakenImage {
  /** Whether its build's outcome will be POSTed; otherwise it is there already. */
  readonly isOwed: boolean;
  readonly warnings: readonly string[];
}

/** What the contract answers when an image is queued, or was already. */
const WILL_BE_BUILT = 'OK';
const IMAGES_PATH = '/api/v1/grader_images';
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

/**
 * Asks for an image.
 *
 * @param example whose image it is, for errors
 * @throws {UserError} with Orca's sentences when it is not taken
 */
export async function postImage(
  orcaUrl: string,
  request: ImageBuildRequest,
  example: string,
): Promise<TakenImage> {
  const answer = await fetch(orcaUrl + IMAGES_PATH, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
    signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
  });
  const json: unknown = await answer.json();
  if (!answer.ok)
    throw new UserError(
      `Cannot ask for the image of "${example}": Orca answered ${answer.status}, ${textsOf(json, 'errors').join('; ')}`,
    );
  return { isOwed: textOf(json, 'message') === WILL_BE_BUILT, warnings: textsOf(json, 'warnings') };
}

/** What Orca says about an image to a person. */
export async function imageSentence(orcaUrl: string, sha: string): Promise<string> {
  const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
  const answer = await fetch(`${orcaUrl}${IMAGES_PATH}/status/${sha}`, { signal });
  return String(await answer.json());
}
