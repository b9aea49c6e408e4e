import { type Command, Option } from 'commander';
import { giveManual } from '../manual.ts';
import { dataOption, jsonOption } from '../options.ts';

/** What `orca demo` was asked for. */
export interface DemoOptions {
  readonly data: string;
  /** Leave the system up until a signal. */
  readonly keep: boolean;
  /** Print one JSON object, and tell what happens on standard error. */
  readonly json: boolean;
}

/** Does what `orca demo` does. @returns the exit status */
export type RunDemo = (examples: string[], options: DemoOptions) => Promise<number>;

/** Adds `orca demo` to the program. */
export function registerDemo(program: Command, run: RunDemo, finish: (status: number) => void): void {
  const command = program
    .command('demo')
    .description('grade the sample submissions of the examples, and show what happens')
    .argument('[example...]', 'folders of examples/; all of them when none is named')
    .addOption(
      new Option('--keep', 'leave the system up afterwards, and say how to talk to it with curl')
        .default(false)
        .conflicts('json'),
    )
    .addOption(dataOption('the folder for all that this makes'))
    .addOption(jsonOption('print one JSON object: as_expected, submissions; the rest goes to standard error'))
    .action(async (examples, options) => finish(await run(examples, options)));
  giveManual(command, {
    exits: {
      0: "every result is what the example's expected.json says",
      1: 'one is not, or it could not be done',
      130: 'it was stopped',
    },
    examples: ['orca demo', 'orca demo python-unittest', 'orca demo --keep', 'orca demo --json > demo.json'],
    usageToo: 'a name that is no example',
  });
}
