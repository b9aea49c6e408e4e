import { Argument, type Command, InvalidArgumentError } from 'commander';
import { giveManual } from '../manual.ts';
import { jsonOption, keyOption, serverOption } from '../options.ts';
import { wholeNumber } from '../parse-option.ts';

/** What every command about the queue can be told. */
export interface QueueOptions {
  readonly server?: string;
  /** Secret. */
  readonly key?: string;
  readonly json: boolean;
}

/** Which part of the queue is shown. */
export interface QueueListOptions extends QueueOptions {
  readonly limit: number;
  readonly offset: number;
  /** A metadata field and its value. */
  readonly where?: readonly [field: string, value: string];
}

/** What can be done to one job. */
export type QueueAction = 'cancel' | 'release' | 'delay';

/** What can be done to all jobs that a filter finds. */
export type BulkAction = QueueAction | 'regrade';

/** Which jobs are meant, and whether something is to be done to them. */
export interface BulkOptions extends QueueOptions {
  /** Without it they are only counted. */
  readonly yes: boolean;
  readonly state?: string;
  readonly client?: string;
  readonly submitter?: { readonly type: string; readonly id: string };
  /** Metadata fields and their values. */
  readonly where?: readonly (readonly [field: string, value: string])[];
  /** SHA-256 of its Dockerfile. */
  readonly image?: string;
  /** ISO 8601. */
  readonly after?: string;
  readonly before?: string;
}

/** What `orca queue` and its commands do. Each returns the exit status. */
export interface RunQueue {
  list(options: QueueListOptions): Promise<number>;
  steer(action: QueueAction, jobId: number, options: QueueOptions): Promise<number>;
  bulk(action: BulkAction, options: BulkOptions): Promise<number>;
}

const LIMIT = { min: 1, max: 50 };
const LIMIT_DEFAULT = 20;
const OFFSET = { min: 0, max: 10_000 };
const JOB_ID = { min: 1, max: Number.MAX_SAFE_INTEGER };

const ABOUT = `
Without a command it lists the jobs that wait, in the order in which they will
be graded, as far as the key may see them.`;

type Finish = (status: number) => void;

const ACTIONS: readonly { action: QueueAction; description: string; done: string }[] = [
  { action: 'cancel', description: 'end a job, wherever it is; its client is told', done: 'it is cancelled' },
  { action: 'release', description: 'move a job before everything that waits', done: 'it is first in line' },
  { action: 'delay', description: 'move a job behind everything that waits', done: 'it is last in line' },
];

/** Adds `orca queue` and its commands to the program. */
export function registerQueue(program: Command, run: RunQueue, finish: Finish): void {
  const queue = program
    .command('queue')
    .description('list the jobs that wait; cancel or move one, or many')
    .addOption(serverOption())
    .addOption(keyOption('of a host whose jobs are meant, or of an admin'))
    .addOption(jsonOption('print one JSON value and nothing else'))
    .configureHelp({ showGlobalOptions: true });
  giveManual(queue, {
    about: ABOUT,
    exits: { 0: 'it is done', 1: 'the server does not answer, or refuses' },
    examples: ['orca queue', 'orca queue --where course=CS2500 --limit 50', 'orca queue release 17'],
  });
  addList(queue, run, finish);
  for (const one of ACTIONS) addAction(queue, one, run, finish);
  addBulk(queue, run, finish);
}

function addList(queue: Command, run: RunQueue, finish: Finish): void {
  const list = queue
    .command('list', { isDefault: true })
    .description('list the jobs that wait')
    .option('--where <field=value>', 'only jobs with this in their metadata', fieldAndValue)
    .option('--limit <number>', 'how many', wholeNumber(LIMIT), LIMIT_DEFAULT)
    .option('--offset <number>', 'how many to leave out at the front', wholeNumber(OFFSET), 0)
    .configureHelp({ showGlobalOptions: true })
    .action(async (_, self) => finish(await run.list(self.optsWithGlobals())));
  giveManual(list, {
    exits: { 0: 'it is done', 1: 'the server does not answer, or refuses' },
    examples: ['orca queue list --limit 50', "orca queue --json | jq '.grading_jobs[].id'"],
  });
}

function addAction(
  queue: Command,
  { action, description, done }: (typeof ACTIONS)[number],
  run: RunQueue,
  finish: Finish,
): void {
  const command = queue
    .command(action)
    .description(description)
    .argument('<id>', 'the number of the job', wholeNumber(JOB_ID))
    .configureHelp({ showGlobalOptions: true })
    .action(async (id, _, self) => finish(await run.steer(action, id, self.optsWithGlobals())));
  giveManual(command, {
    exits: { 0: done, 1: 'there is no such job, or the server does not answer, or refuses' },
    examples: [`orca queue ${action} 17`],
  });
}

const BULK_ACTIONS = ['cancel', 'release', 'delay', 'regrade'] as const satisfies readonly BulkAction[];

const BULK_ABOUT = `
Without --yes it counts them and changes nothing. A job is meant when all that
is given is true of it. "regrade" has jobs that have ended graded once more, as
they were put; each client gets a new result.`;

function addBulk(queue: Command, run: RunQueue, finish: Finish): void {
  const command = queue
    .command('bulk')
    .description('cancel, move or regrade all jobs that a filter finds')
    .addArgument(new Argument('<action>', 'what to do').choices(BULK_ACTIONS))
    .option('--yes', 'do it', false)
    .option(
      '--where <field=value>',
      'only jobs with this in their metadata; more than once: with all',
      addField,
    )
    .option('--submitter <type:id>', 'only those of a user or team, such as user:42', typeAndId)
    .option('--client <host>', 'only those of one course site')
    .option('--image <sha>', "only those for one image: its Dockerfile's SHA-256")
    .option('--state <state>', 'only those that are waiting, held, grading or finished')
    .option('--after <moment>', 'only those that came later, such as 2026-11-24T18:00:00Z')
    .option('--before <moment>', 'only those that came earlier')
    .configureHelp({ showGlobalOptions: true })
    .action(async (action, _, self) => finish(await run.bulk(action, self.optsWithGlobals())));
  giveManual(command, {
    about: BULK_ABOUT,
    exits: { 0: 'it is done, or counted', 1: 'the server does not answer, or refuses' },
    examples: [
      'orca queue bulk regrade --where course=CS2500 --where assignment=hw3',
      'orca queue bulk regrade --where course=CS2500 --where assignment=hw3 --yes',
      'orca queue bulk cancel --submitter user:42 --state waiting --yes',
    ],
  });
}

function addField(
  text: string,
  others: (readonly [field: string, value: string])[] = [],
): (readonly [field: string, value: string])[] {
  return [...others, fieldAndValue(text)];
}

function typeAndId(text: string): { type: string; id: string } {
  const [type = '', ...id] = text.split(':');
  if (type === '' || id.length === 0)
    throw new InvalidArgumentError('It must be a type and an id, such as user:42.');
  return { type, id: id.join(':') };
}

function fieldAndValue(text: string): [field: string, value: string] {
  const [field = '', ...value] = text.split('=');
  if (field === '' || value.length === 0)
    throw new InvalidArgumentError('It must be a field and its value, such as course=CS2500.');
  return [field, value.join('=')];
}
