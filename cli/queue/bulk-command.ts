import { loadEnvironment } from '@orca/daemon';
import { fieldOf, listOf, numberOf } from '../json-fields.ts';
import { callOrca } from '../orca-api/call-orca.ts';
import { chooseAccess } from '../orca-api/choose-access.ts';
import { UserError } from '../user-error.ts';
import type { BulkAction, BulkOptions } from './register.ts';

const DONE = {
  cancel: 'cancelled',
  release: 'moved to the front',
  delay: 'moved to the back',
  regrade: 'to be graded again',
} as const satisfies Record<BulkAction, string>;

/** What a call answered, in numbers of jobs. */
interface BulkAnswer {
  readonly matched: number;
  readonly hasMore: boolean;
  readonly changed: number;
  readonly skipped: number;
  readonly ids: readonly unknown[];
}

/**
 * `orca queue bulk`: does something to all jobs that a filter finds; without `yes` only counts them.
 *
 * @returns the exit status
 * @throws {UserError} when it cannot be done
 */
export async function runBulkQueue(action: BulkAction, options: BulkOptions): Promise<number> {
  const filter = filterOf(options);
  if (Object.keys(filter).length === 0)
    throw new UserError(
      `Cannot ${action} jobs: nothing says which. Give --where, --submitter, --client, --image, --state, --after or ` +
        '--before; "--state waiting" means all that wait',
    );
  const order = { action, filter };
  if (!options.yes) {
    const found = await send(order, true, options);
    process.stdout.write(options.json ? `${JSON.stringify(found)}\n` : `${describeFound(action, found)}\n`);
    return 0;
  }
  const total = { changed: 0, skipped: 0 };
  for (;;) {
    const answer = await send(order, false, options);
    total.changed += answer.changed;
    total.skipped += answer.skipped;
    // What was changed is found no more, unless it was moved; and what is skipped each time is no reason to go on for ever.
    if (!answer.hasMore || answer.changed === 0) break;
    if (!options.json) process.stderr.write(`${total.changed} jobs are ${DONE[action]} …\n`);
  }
  process.stdout.write(options.json ? `${JSON.stringify(total)}\n` : `${describeDone(action, total)}\n`);
  return 0;
}

function filterOf({ state, client, submitter, where, image, after, before }: BulkOptions) {
  return {
    ...(state === undefined ? {} : { state }),
    ...(client === undefined ? {} : { client }),
    ...(submitter === undefined ? {} : { collation: submitter }),
    ...(where === undefined ? {} : { metadata_table: Object.fromEntries(where) }),
    ...(image === undefined ? {} : { grader_image_sha: image }),
    ...(after === undefined ? {} : { arrived_after: after }),
    ...(before === undefined ? {} : { arrived_before: before }),
  };
}

async function send(
  order: { action: BulkAction; filter: object },
  dryRun: boolean,
  options: BulkOptions,
): Promise<BulkAnswer> {
  const access = chooseAccess(options, loadEnvironment());
  const call = {
    method: 'POST',
    path: '/grading_queue/bulk',
    purpose: `${order.action} jobs`,
    keyNeeds: 'of the role staff or admin',
    body: { json: { ...order, dry_run: dryRun } },
  } as const;
  const answer = await callOrca(access, call, new AbortController().signal);
  const matched = numberOf(answer, 'matched');
  if (matched === null)
    throw new UserError(`Cannot use ${access.server}: what answers there is no Orca of this version`);
  return {
    matched,
    hasMore: fieldOf(answer, 'has_more') === true,
    changed: numberOf(answer, 'changed') ?? 0,
    skipped: numberOf(answer, 'skipped') ?? 0,
    ids: listOf(answer, 'ids'),
  };
}

function describeFound(action: BulkAction, { matched, hasMore, ids }: BulkAnswer): string {
  if (matched === 0) return `No job to ${action} is found`;
  const more = matched > ids.length || hasMore ? ' …' : '';
  const count = `${hasMore ? 'More than ' : ''}${matched} ${matched === 1 ? 'job is' : 'jobs are'} found`;
  return `${count}: ${ids.join(', ')}${more}\nNothing is changed yet. To ${action} them: the same with --yes`;
}

function describeDone(
  action: BulkAction,
  { changed, skipped }: { changed: number; skipped: number },
): string {
  const done = `${changed} ${changed === 1 ? 'job is' : 'jobs are'} ${DONE[action]}`;
  return skipped === 0 ? done : `${done}; ${skipped} had gone elsewhere meanwhile`;
}
