import { type Command, Option } from 'commander';
import { giveManual } from '../manual.ts';
import { wholeNumber } from '../parse-option.ts';

/** What `orca test` was asked for. */
export interface TestOptions {
  /** The long suites too. */
  readonly all: boolean;
  /** Up to four files that failed run once more, alone. */
  readonly again: boolean;
  /** So many jobs under random faults, and nothing else; absent: no soak. */
  readonly soak?: number;
  /** Of the soak; absent: one at random. */
  readonly seed?: number;
}

/** Does what `orca test` does. @returns the exit status */
export type RunTest = (options: TestOptions) => Promise<number>;

const SOAK_JOBS = { usual: 2_000, min: 1, max: 1_000_000 } as const;

/** What the generators of the soak tell apart. */
export const SEED_MAX = 2 ** 32 - 1;

const ABOUT = `
A soak starts an Orca of its own (PostgreSQL, engine, client, server, builder,
workers), sends it jobs, and kills, freezes or cuts off one part after the
other, at random. At the end it compares what the client has with what it
should have. The same seed gives the same jobs and the same faults. Ctrl-C
ends the sending: what was sent is looked at then; a second one ends all.`;

/** Adds `orca test` to the program. */
export function registerTest(program: Command, run: RunTest, finish: (status: number) => void): void {
  const command = program
    .command('test')
    .description('run every check of this checkout; the last line is "N passed, N failed"')
    .option('--all', 'the long suites too (*.all.test.ts)', false)
    .option(
      '--again',
      'run up to four files that failed once more, alone; what passes then is named FLAKY',
      false,
    )
    .addOption(
      new Option('--soak [jobs]', `instead, a soak of so many jobs (${SOAK_JOBS.usual}) under random faults`)
        .preset(String(SOAK_JOBS.usual))
        .argParser(wholeNumber(SOAK_JOBS))
        .conflicts('all'),
    )
    .addOption(
      new Option('--seed <number>', 'of the soak; unset: one at random, which it prints').argParser(
        wholeNumber({ min: 0, max: SEED_MAX }),
      ),
    )
    .action(async (options) => finish(await run(options)));
  giveManual(command, {
    about: ABOUT,
    exits: { 0: 'all have passed', 1: 'one has failed, could not be run, or was called off' },
    examples: [
      'orca test',
      'orca test --all',
      'orca test --all --again',
      'orca test --soak',
      'orca test --soak 300 --seed 20261128',
      ['npm run check', 'the part that needs no engine and no database'],
      ['npx node --test protocol/x.test.ts', 'one file'],
    ],
  });
}
