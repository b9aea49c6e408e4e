import { loadEnvironment } from '@orca/daemon';
import { fieldOf, listOf, numberOf, textOf } from '../json-fields.ts';
import { callOrca } from '../orca-api/call-orca.ts';
import { chooseAccess } from '../orca-api/choose-access.ts';
import { USAGE_STATUS, UserError } from '../user-error.ts';
import type { BulkAction, BulkOptions } from './register.ts';

const DONE = {
  cancel: 'cancelled',
  release: 'moved to the front',
  delay: 'moved to the back',
  regrade: 'to be graded again',
} as const satisfies Record<BulkAction, string>;

/** Each job of a call, 2,000 at most, is changed in a transaction of its own. */
const ANSWER_TIMEOUT_MS = 300_000;

/** What a call answered, in numbers of jobs. */
interface BulkAnswer {
  readonly matched: number;
  readonly hasMore: boolean;
  /** The moment of its look, ISO 8601; `null` from a server that is older than this command. */
  readonly asOf: string | null;
  readonly changed: number;
  readonly skipped: number;
  readonly ids: readonly unknown[];
}

/** What is sent, but for whether it is to be done. */
interface BulkOrder {
  readonly action: BulkAction;
  readonly filter: ReturnType<typeof filterOf>;
}

interface BulkTotal {
  readonly changed: number;
  readonly skipped: number;
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
      { status: USAGE_STATUS },
    );
  const order = { action, filter };
  if (!options.yes) {
    const found = await send(order, true, options);
    process.stdout.write(options.json ? `${JSON.stringify(found)}\n` : `${describeFound(action, found)}\n`);
    return 0;
  }
  const total = await changeAll(order, options);
  process.stdout.write(options.json ? `${JSON.stringify(total)}\n` : `${describeDone(action, total)}\n`);
  return 0;
}

/** Repeats the call until the server has done all; it does so many at a time. Moving is refused where there are more. */
async function changeAll(first: BulkOrder, options: BulkOptions): Promise<BulkTotal> {
  const total = { changed: 0, skipped: 0 };
  let order = first;
  for (let calls = 1; ; calls += 1) {
    const answer = await send(order, false, options).catch((error: unknown) => {
      throw stoppedAfter(total, order, error);
    });
    total.changed += answer.changed;
    total.skipped += answer.skipped;
    // What is skipped each time is no reason to go on for ever.
    if (!answer.hasMore || answer.changed === 0) return total;
    if (calls === 1) order = orderForRest(first, answer);
    if (!options.json) process.stderr.write(`${total.changed} jobs are ${DONE[first.action]} …\n`);
  }
}

/**
 * A cancelled job is found no more. One that is to be graded again is, as soon as it has ended: only its new time of arrival,
 * later than the first look, tells it from the rest.
 *
 * @throws {UserError} when the server does not say when it looked
 */
function orderForRest({ action, filter }: BulkOrder, { asOf, changed }: BulkAnswer): BulkOrder {
  if (action !== 'regrade') return { action, filter };
  if (asOf === null)
    throw new UserError(
      `Cannot regrade more than ${changed} jobs: the server is too old to tell them from the rest. ` +
        'Name the rest by --before with a moment before this call',
    );
  const { arrived_before: before } = filter;
  const isEarlier = before !== undefined && Date.parse(before) < Date.parse(asOf);
  return { action, filter: { ...filter, arrived_before: isEarlier ? before : asOf } };
}

/** What a person has to know who calls again: the calls before have done their part. */
function stoppedAfter({ changed }: BulkTotal, { action, filter }: BulkOrder, cause: unknown): unknown {
  if (!(cause instanceof UserError) || changed === 0) return cause;
  const rest = action === 'regrade' ? `; for the others give --before ${filter.arrived_before}` : '';
  return new UserError(`${cause.message}\n${changed} jobs are ${DONE[action]} already${rest}`, { cause });
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

async function send(order: BulkOrder, dryRun: boolean, options: BulkOptions): Promise<BulkAnswer> {
  const access = chooseAccess(options, loadEnvironment());
  const call = {
    method: 'POST',
    path: '/grading_queue/bulk',
    purpose: `${order.action} jobs`,
    keyNeeds: 'of the hosts whose jobs are meant, or of the role admin',
    body: { json: { ...order, dry_run: dryRun } },
    answerTimeoutMs: ANSWER_TIMEOUT_MS,
  } as const;
  const answer = await callOrca(access, call, new AbortController().signal);
  const matched = numberOf(answer, 'matched');
  if (matched === null)
    throw new UserError(`Cannot use ${access.server}: what answers there is no Orca of this version`);
  return {
    matched,
    hasMore: fieldOf(answer, 'has_more') === true,
    asOf: textOf(answer, 'as_of'),
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

function describeDone(action: BulkAction, { changed, skipped }: BulkTotal): string {
  const done = `${changed} ${changed === 1 ? 'job is' : 'jobs are'} ${DONE[action]}`;
  return skipped === 0 ? done : `${done}; ${skipped} had gone elsewhere meanwhile`;
}
