import { type Command, Option } from 'commander';
import { giveManual } from '../manual.ts';
import { dataOption, jsonOption } from '../options.ts';
import { ROLES, type Role } from './check.ts';

/** What `orca doctor` was asked for. */
export interface DoctorOptions {
  /** `null`: what the settings suggest. */
  readonly role: Role | null;
  /** Of the API server; `null`: what the settings say. */
  readonly url: string | null;
  readonly data: string;
  /** Whether a warning counts as a failure. */
  readonly strict: boolean;
  readonly json: boolean;
}

/** Does what `orca doctor` does. @returns the exit status */
export type RunDoctor = (options: DoctorOptions) => Promise<number>;

const ABOUT = `
It reads the settings as the programs do: from the environment, and from .env
in the working folder. So call it where they run, with their environment. It
changes nothing; one container is tried, and removed.
The role is that of the folder it is called in (orchestrator/, worker/), else
that of a worker where ORCA_WEB_SERVER_HOST names another machine, else of an
orchestrator where API_PORT or the like is set, else both.`;

/** Adds `orca doctor` to the program. */
export function registerDoctor(program: Command, run: RunDoctor, finish: (status: number) => void): void {
  const command = program
    .command('doctor')
    .description('check this machine for Orca, and say how to mend what is found')
    .addOption(
      new Option('--role <role>', 'what this machine is there for')
        .choices(ROLES)
        .default(null, 'what its folder and settings suggest'),
    )
    .addOption(
      new Option('--url <url>', 'the API server to reach').default(
        null,
        'ORCA_WEB_SERVER_HOST, else API_PORT',
      ),
    )
    .addOption(dataOption('where the "orca up" keeps its data that this machine runs'))
    .option('--strict', 'count a warning as a failure', false)
    .addOption(jsonOption('print one JSON object: role, because, counts, checks'))
    .action(async (options) => finish(await run(options)));
  giveManual(command, {
    about: ABOUT,
    exits: {
      0: 'nothing failed; there may be warnings',
      1: 'something failed (with --strict: or there is a warning)',
      130: 'it was interrupted',
    },
    examples: [
      'orca doctor',
      'orca doctor --role worker --url https://orca.example.edu',
      'cd worker && ../orca doctor --strict',
      `orca doctor --json | jq '.checks[] | select(.state == "fail")'`,
    ],
  });
}
