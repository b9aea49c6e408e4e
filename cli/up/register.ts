import type { Command } from 'commander';
import { giveManual } from '../manual.ts';
import { dataOption } from '../options.ts';
import { wholeNumber } from '../parse-option.ts';

/** What `orca up` was asked for. */
export interface UpOptions {
  readonly port: number;
  readonly data: string;
  readonly workers: number;
  readonly concurrency: number;
}

/** Does what `orca up` does. @returns the exit status */
export type RunUp = (options: UpOptions) => Promise<number>;

const PORT = { min: 0, max: 65_535 };
const WORKERS = { min: 1, max: 64 };
const CONCURRENCY = { min: 1, max: 64 };
const DEFAULT_PORT = 4000;

const ABOUT = `
It runs the API server, an image builder and the workers; one that dies is
started again. Grader images lie in the data folder. At the end the workers
stop first, then builder and server.
The database is the one in POSTGRES_URL, else a PostgreSQL of its own in the
data folder. The engine is the one in DOCKER_HOST, else that of this machine.
Other settings are environment variables, or lines of a file .env in the
working folder: "npx node orchestrator/main.ts start --help" and
"npx node worker/main.ts --help" list them.`;

/** Adds `orca up` to the program. */
export function registerUp(program: Command, run: RunUp, finish: (status: number) => void): void {
  const command = program
    .command('up')
    .description('run the whole system on this machine until Ctrl-C or SIGTERM')
    .option('--port <number>', 'the port of the API; 0 takes a free one', wholeNumber(PORT), DEFAULT_PORT)
    .addOption(dataOption('the folder for all that this makes'))
    .option('--workers <number>', 'how many workers', wholeNumber(WORKERS), 1)
    .option('--concurrency <number>', 'how many jobs a worker grades at once', wholeNumber(CONCURRENCY), 1)
    .action(async (options) => finish(await run(options)));
  giveManual(command, {
    about: ABOUT,
    exits: {
      0: 'it was stopped, and stopped in order',
      1: 'it could not start',
      130: 'it was stopped before it was ready',
    },
    examples: [
      'orca up',
      'orca up --port 8080 --workers 2 --concurrency 4',
      'orca up --data /srv/orca',
      'POSTGRES_URL=postgres://orca:secret@db/orca orca up',
    ],
  });
}
