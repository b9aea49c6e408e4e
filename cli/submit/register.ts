import type { Command } from 'commander';
import { giveManual } from '../manual.ts';
import { jsonOption, keyOption, serverOption } from '../options.ts';

/** What `orca submit` was asked for. */
export interface SubmitOptions {
  /** Left out: what `ORCA_SERVER` says. */
  readonly server?: string;
  /** Left out: what `ORCA_API_KEY` says. */
  readonly key?: string;
  readonly wait: boolean;
  readonly json: boolean;
}

/** Does what `orca submit` does. @returns the exit status */
export type RunSubmit = (file: string, options: SubmitOptions) => Promise<number>;

/** Adds `orca submit` to the program. */
export function registerSubmit(program: Command, run: RunSubmit, finish: (status: number) => void): void {
  const command = program
    .command('submit')
    .description('send a job to a server, and follow it')
    .argument('<file>', 'a job (a JSON object); - for standard input')
    .addOption(serverOption())
    .addOption(keyOption('for the host of response_url'))
    .option('--wait', 'follow the job until it is finished', false)
    .addOption(jsonOption('print one JSON object: id, location, sentence, state, warnings; or errors'))
    .action(async (file, options) => finish(await run(file, options)));
  giveManual(command, {
    about: "The result does not come back here: it is POSTed to the job's response_url.",
    exits: {
      0: 'the job was taken (with --wait: it has been graded)',
      1: 'it was not, or the server does not answer, or refuses',
      130: 'it was interrupted; a job that was taken stays',
    },
    usageToo: 'a file that cannot be read, or a job that is not valid',
    examples: [
      'orca submit job.json',
      'orca submit job.json --wait --server https://orca.example.edu',
      'ORCA_API_KEY=$(cat key) orca submit - --json < job.json',
    ],
  });
}
