import { resolve } from 'node:path';
import { Command } from 'commander';
import { wholeNumber } from './parse-option.ts';
import { REPOSITORY } from './repository.ts';

const PORT = { min: 0, max: 65_535 };
const WORKERS = { min: 1, max: 64 };
const CONCURRENCY = { min: 1, max: 64 };
const DEFAULT_PORT = 4000;

/** What the commands do; each is loaded only when it is called, so that `--help` is quick. */
export interface Commands {
  up(options: { port: number; data: string; workers: number; concurrency: number }): Promise<number>;
  demo(examples: string[], options: { data: string; keep: boolean }): Promise<number>;
  test(options: { all: boolean }): Promise<number>;
}

/** The commands as they are. */
export const COMMANDS: Commands = {
  up: async (options) => (await import('./up/up-command.ts')).runUp(options),
  demo: async (examples, options) => (await import('./demo/demo-command.ts')).runDemo(examples, options),
  test: async (options) => (await import('./test/test-command.ts')).runTest(options),
};

const DATA_DOC = 'the folder for all that this makes';
const absolute = (path: string): string => resolve(path);

/**
 * The command line of `orca`.
 *
 * @param finish gets the exit status of the command that was called
 */
export function createProgram(commands: Commands, finish: (status: number) => void): Command {
  const program = new Command('orca')
    .description('Orca grades programs: it runs student submissions safely, fairly and soon.')
    .showHelpAfterError('(orca --help lists the commands and their options)')
    .addHelpText(
      'after',
      '\nWhat is missing on this machine – a Docker engine, the base image – is set up first, asking nothing.\n' +
        '"orca help <command>" shows examples.',
    );
  program
    .command('up')
    .description('run the whole system on this machine until Ctrl-C or SIGTERM')
    .option('--port <number>', 'the port of the API; 0 takes a free one', wholeNumber(PORT), DEFAULT_PORT)
    .option('--data <folder>', DATA_DOC, absolute, REPOSITORY.defaultData)
    .option('--workers <number>', 'how many workers', wholeNumber(WORKERS), 1)
    .option('--concurrency <number>', 'how many jobs a worker grades at once', wholeNumber(CONCURRENCY), 1)
    .addHelpText(
      'after',
      `
The database is the one in POSTGRES_URL, else a PostgreSQL of its own in the data folder.
The engine is the one in DOCKER_HOST, else the one of this machine.
Other settings are environment variables, or lines of a file .env in the working folder:
"node orchestrator/main.ts server --help" and "node worker/main.ts --help" list them.

Examples:
  orca up
  orca up --port 8080 --workers 2 --concurrency 4
  orca up --data /srv/orca
  POSTGRES_URL=postgres://orca:secret@db/orca orca up`,
    )
    .action(async (options) => finish(await commands.up(options)));
  program
    .command('demo')
    .description('grade the sample submissions of the examples, and show what happens')
    .argument('[example...]', 'folders of examples/; all of them when none is named')
    .option('--keep', 'leave the system up afterwards, and say how to talk to it with curl', false)
    .option('--data <folder>', DATA_DOC, absolute, REPOSITORY.defaultData)
    .addHelpText(
      'after',
      `
The status is 0 only if every result is what the example's expected.json says.

Examples:
  orca demo
  orca demo python-unittest
  orca demo --keep`,
    )
    .action(async (examples, options) => finish(await commands.demo(examples, options)));
  program
    .command('test')
    .description('run every check of this checkout; the last line is "N passed, N failed"')
    .option('--all', 'the long suites too (*.all.test.ts)', false)
    .addHelpText(
      'after',
      `
Examples:
  orca test
  orca test --all
  npm run check                          the part that needs no engine and no database
  npx node --test protocol/x.test.ts     one file`,
    )
    .action(async (options) => finish(await commands.test(options)));
  return program;
}
