import { type Command, Option } from 'commander';
import { giveManual } from '../manual.ts';
import { jsonOption } from '../options.ts';

/** What `orca grade` was asked for. */
export interface GradeOptions {
  readonly watch: boolean;
  readonly container: boolean;
  readonly image: string | null;
  readonly dockerfile: string | null;
  readonly allowNetwork: boolean;
  readonly json: boolean;
}

/** Does what `orca grade` does. @returns the exit status */
export type RunGrade = (file: string, options: GradeOptions) => Promise<number>;

const ABOUT = `
Here, and nowhere else, a file's URL may be a local one: "file:tests.zip" is
beside the job (or below it, or "file:../x"), "file:///srv/tests.zip" is
absolute. Where there is no tests.zip but a folder tests, that is packed. All
that a job needs is "script"; what else is left out is filled in, and a file's
mime type goes by its name.`;

/** Adds `orca grade` to the program. */
export function registerGrade(program: Command, run: RunGrade, finish: (status: number) => void): void {
  const command = program
    .command('grade')
    .description(
      'grade one job here, without a server: its result on standard output, its steps on standard error',
    )
    .argument('<file>', 'a job (a JSON object) or a script alone (a list); - for standard input')
    .option('--watch', 'grade again whenever the job or a local file of it changes, until Ctrl-C', false)
    .addOption(
      new Option(
        '--image <reference>',
        'an image of the engine, instead of the one that the job names',
      ).default(null, 'the one that the job names'),
    )
    .addOption(
      new Option('--dockerfile <path>', 'a Dockerfile that is built first')
        .default(null, 'none')
        .conflicts('image'),
    )
    .option(
      '--no-container',
      'run it as processes of this machine, without any isolation: only what you trust',
    )
    .option('--allow-network', 'give a job the network that it asks for', false)
    .addOption(
      jsonOption('the result as one line, byte for byte what a client gets; a failure as {"errors": […]}'),
    )
    .action(async (file, options) => finish(await run(file, options)));
  giveManual(command, {
    about: ABOUT,
    exits: {
      0: 'the script ended with its output',
      1: 'it did not, or the job could not be run',
      130: 'it was interrupted',
    },
    usageToo: 'a file that cannot be read, or a job or Dockerfile that is not valid',
    examples: [
      'orca grade job.json',
      'orca grade job.json --watch --no-container',
      'orca grade job.json --dockerfile grader.Dockerfile --json > result.json',
      `echo '["id"]' | jq '[{cmd: .[0], on_complete: "output"}]' | orca grade -`,
    ],
  });
}
