import { type Command, Option } from 'commander';
import { giveManual } from '../manual.ts';
import { jsonOption, keyOption, serverOption } from '../options.ts';
import { wholeNumber } from '../parse-option.ts';

/** What every command about deliveries can be told. */
export interface DeliveriesOptions {
  readonly server?: string;
  /** Secret. */
  readonly key?: string;
  readonly json: boolean;
}

/** Which deliveries are listed. */
export interface DeliveriesListOptions extends DeliveriesOptions {
  readonly state?: (typeof STATES)[number];
  readonly kind?: (typeof KINDS)[number];
  readonly host?: string;
  readonly job?: number;
  readonly limit: number;
  readonly offset: number;
}

/** Which deliveries of a host are sent again. */
export interface SendAllOptions extends DeliveriesOptions {
  readonly state?: (typeof STATES_NOT_TAKEN)[number];
  readonly dryRun: boolean;
}

/** What `orca deliveries …` does. Each returns the exit status. */
export interface RunDeliveries {
  list(options: DeliveriesListOptions): Promise<number>;
  show(id: number, options: DeliveriesOptions): Promise<number>;
  sendAgain(id: number, options: DeliveriesOptions): Promise<number>;
  sendAll(host: string, options: SendAllOptions): Promise<number>;
}

const STATES = ['pending', 'delivered', 'refused', 'given_up', 'dropped'] as const;
const STATES_NOT_TAKEN = ['refused', 'given_up'] as const;
const KINDS = ['result', 'image', 'status'] as const;
const ID = { min: 1, max: Number.MAX_SAFE_INTEGER };
const LIMIT = { min: 1, max: 50 };
const LIMIT_DEFAULT = 20;
const OFFSET = { min: 0, max: 10_000 };

const ABOUT = `
A delivery is a POST that a course site is owed: the result of a job, or the
outcome of an image's build. Without a command they are listed, as "list" does,
as far as the key may see them.`;

const SEND_ALL_ABOUT = `
For a course site that answered wrongly for a while, and is well again. What is
pending is sent by itself; results that newer content of their job has overtaken
stay what they are.`;

type Finish = (status: number) => void;

/** Adds `orca deliveries` and its commands to the program. */
export function registerDeliveries(program: Command, run: RunDeliveries, finish: Finish): void {
  const deliveries = program
    .command('deliveries')
    .description('list what course sites are owed, see each try, send it again')
    .addOption(serverOption())
    .addOption(keyOption('of a host that is meant, or of an admin; of the role staff or admin to send again'))
    .addOption(jsonOption('print one JSON value and nothing else'))
    .configureHelp({ showGlobalOptions: true });
  giveManual(deliveries, {
    about: ABOUT,
    exits: { 0: 'it is done', 1: 'the server does not answer, or refuses' },
    examples: [
      'orca deliveries',
      'orca deliveries list --state refused',
      'orca deliveries show 3',
      'orca deliveries send-all course.example.edu --dry-run',
    ],
  });
  addList(deliveries, run, finish);
  addShow(deliveries, run, finish);
  addSendAgain(deliveries, run, finish);
  addSendAll(deliveries, run, finish);
}

function addList(deliveries: Command, run: RunDeliveries, finish: Finish): void {
  const command = deliveries
    .command('list', { isDefault: true })
    .description('list deliveries with their last try, the newest first')
    .addOption(new Option('--state <state>', 'only those that are so').choices(STATES))
    .addOption(
      new Option('--kind <kind>', 'only these; else results and the outcomes of images').choices(KINDS),
    )
    .option('--host <hostname>', 'only those that go there')
    .option('--job <id>', 'only those of this job, by its number', wholeNumber(ID))
    .option('--limit <number>', 'how many', wholeNumber(LIMIT), LIMIT_DEFAULT)
    .option('--offset <number>', 'how many to leave out at the front', wholeNumber(OFFSET), 0)
    .configureHelp({ showGlobalOptions: true })
    .action(async (_, self) => finish(await run.list(self.optsWithGlobals())));
  giveManual(command, {
    exits: { 0: 'they are listed', 1: 'there is no such job, or the server does not answer, or refuses' },
    examples: [
      'orca deliveries list --state given_up --host course.example.edu',
      'orca deliveries list --job 17',
      "orca deliveries list --state refused --json | jq '.deliveries[].id'",
    ],
  });
}

function addShow(deliveries: Command, run: RunDeliveries, finish: Finish): void {
  const command = deliveries
    .command('show')
    .description('one delivery with each try: when, how long, what the course site answered')
    .argument('<id>', 'the number of the delivery', wholeNumber(ID))
    .configureHelp({ showGlobalOptions: true })
    .action(async (id, _, self) => finish(await run.show(id, self.optsWithGlobals())));
  giveManual(command, {
    exits: { 0: 'it is shown', 1: 'there is no such delivery, or the server does not answer, or refuses' },
    examples: ['orca deliveries show 3', "orca deliveries show 3 --json | jq '.tries[0].answer_start'"],
  });
}

function addSendAgain(deliveries: Command, run: RunDeliveries, finish: Finish): void {
  const command = deliveries
    .command('send-again')
    .description('send one delivery again: at once, with the same webhook-id and body')
    .argument('<id>', 'the number of the delivery', wholeNumber(ID))
    .configureHelp({ showGlobalOptions: true })
    .action(async (id, _, self) => finish(await run.sendAgain(id, self.optsWithGlobals())));
  giveManual(command, {
    exits: { 0: 'it is due now', 1: 'it cannot be sent again, or the server does not answer, or refuses' },
    examples: ['orca deliveries send-again 3'],
  });
}

function addSendAll(deliveries: Command, run: RunDeliveries, finish: Finish): void {
  const command = deliveries
    .command('send-all')
    .description('send all again that a host refused, or that were given up')
    .argument('<hostname>', 'the course site that they go to')
    .addOption(new Option('--state <state>', 'only those that are so').choices(STATES_NOT_TAKEN))
    .option('--dry-run', 'only count them', false)
    .configureHelp({ showGlobalOptions: true })
    .action(async (host, _, self) => finish(await run.sendAll(host, self.optsWithGlobals())));
  giveManual(command, {
    about: SEND_ALL_ABOUT,
    exits: { 0: 'they are due now, or counted', 1: 'the server does not answer, or refuses' },
    examples: [
      'orca deliveries send-all course.example.edu --dry-run',
      'orca deliveries send-all course.example.edu --state given_up',
    ],
  });
}
