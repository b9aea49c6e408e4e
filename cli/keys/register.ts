import type { Command } from 'commander';
import { giveManual } from '../manual.ts';
import { dataOption } from '../options.ts';

/** Does what `orca keys` does. @returns the exit status */
export type RunKeys = (args: string[], options: { readonly data: string }) => Promise<number>;

const ABOUT = `
The database is the one in POSTGRES_URL, else that of the "orca up" that runs
with --data. "orca keys --help" lists the commands, and each explains itself:
"orca keys create --help". All take --json.`;

/** Adds `orca keys` to the program. */
export function registerKeys(program: Command, run: RunKeys, finish: (status: number) => void): void {
  const command = program
    .command('keys')
    .description('make, list and revoke API keys; import those of the old system; rotate signing secrets')
    .argument('[command...]', 'create, list, revoke, import or secrets, with its own options')
    .addOption(dataOption('where the "orca up" keeps its data whose keys are meant'))
    // Options and help of what stands behind it are the orchestrator's: they go on as they are.
    .allowUnknownOption()
    .helpOption(false)
    .action(async (args, options) => finish(await run(args, options)));
  giveManual(command, {
    about: ABOUT,
    exits: { 0: 'it is done', 1: 'it is refused, or there is no database' },
    examples: [
      'orca keys list',
      'orca keys create --host course.example.edu',
      'orca keys revoke 3',
      'orca keys import --dry-run',
      'orca keys secrets rotate course.example.edu',
    ],
  });
}
