import { loadEnvironment } from '@orca/daemon';
import { callOrca, type OrcaCall } from '../orca-api/call-orca.ts';
import { chooseAccess } from '../orca-api/choose-access.ts';
import { numberOf } from '../json-fields.ts';
import { createPaint, wantsColours } from '../paint.ts';
import { UserError } from '../user-error.ts';
import type { QueueAction, QueueListOptions, QueueOptions } from './register.ts';
import { renderQueue } from './render-queue.ts';

const KEY_NEEDS = "that names the job's host";

const DONE = {
  cancel: 'is cancelled, and its client is told',
  release: 'is first in line',
  delay: 'is last in line',
} as const satisfies Record<QueueAction, string>;

/**
 * `orca queue`: lists the jobs that wait.
 *
 * @returns the exit status
 * @throws {UserError} when it cannot be done
 */
export async function runListQueue(options: QueueListOptions): Promise<number> {
  const env = loadEnvironment();
  const access = chooseAccess(options, env);
  const { limit, offset, where } = options;
  const query = new URLSearchParams({ limit: String(limit), offset: String(offset) });
  if (where !== undefined) {
    query.set('filter_type', where[0]);
    query.set('filter_value', where[1]);
  }
  const call = {
    method: 'GET',
    path: `/grading_queue?${query}`,
    purpose: 'list the queue',
    keyNeeds: KEY_NEEDS,
  } as const;
  const list = await callOrca(access, call, new AbortController().signal);
  if (numberOf(list, 'total') === null)
    throw new UserError(`Cannot use ${access.server}: what answers there is no Orca of this version`);
  const paint = createPaint(wantsColours(process.stdout, env));
  process.stdout.write(
    options.json ? `${JSON.stringify(list)}\n` : renderQueue(list, { paint, offset, now: Date.now() }),
  );
  return 0;
}

/**
 * `orca queue cancel`, `release` and `delay`: does that to one job.
 *
 * @returns the exit status
 * @throws {UserError} when there is no such job that waits
 */
export async function runSteerQueue(
  action: QueueAction,
  jobId: number,
  options: QueueOptions,
): Promise<number> {
  const access = chooseAccess(options, loadEnvironment());
  const purpose = `${action} job ${jobId}`;
  const move = { jobID: jobId, moveAction: action };
  const call: OrcaCall =
    action === 'cancel'
      ? { method: 'DELETE', path: `/grading_queue/${jobId}`, purpose, keyNeeds: KEY_NEEDS }
      : { method: 'PUT', path: '/grading_queue/move', purpose, keyNeeds: KEY_NEEDS, body: { json: move } };
  const answer = await callOrca(access, call, new AbortController().signal);
  if (answer === null) {
    const where = action === 'cancel' ? 'has not finished' : 'waits';
    throw new UserError(
      `Cannot ${purpose}: no job of this number ${where}. "orca queue" lists those that wait`,
    );
  }
  process.stdout.write(options.json ? `${JSON.stringify(answer)}\n` : `Job ${jobId} ${DONE[action]}\n`);
  return 0;
}
