import type { Command } from 'commander';
import { giveManual } from '../manual.ts';
import { dataOption, jsonOption } from '../options.ts';

/** What `orca audit` was asked for. */
export interface AuditOptions {
  readonly data: string;
  readonly json: boolean;
}

/** Does what `orca audit` does. @returns the exit status */
export type RunAudit = (options: AuditOptions) => Promise<number>;

const ABOUT = `
It reads the whole queue and changes nothing; it may be called at any time.
With millions of jobs it may take minutes.
What must hold: every waiting job has one place and every place one job, every
end has one result and every result one delivery, no status comes after a
result, no run is early, three faults end a job, and no container outlives its
run. Containers are looked for in the engine of this machine (DOCKER_HOST).
A container that its worker is about to remove may be told: call it again.`;

/** Adds `orca audit` to the program. */
export function registerAudit(program: Command, run: RunAudit, finish: (status: number) => void): void {
  const command = program
    .command('audit')
    .description('check a live system for anything lost, doubled or left over')
    .addOption(dataOption('where the "orca up" keeps its data that is meant'))
    .addOption(jsonOption('print one JSON object: violations, orphans, engine'))
    .action(async (options) => finish(await run(options)));
  giveManual(command, {
    about: ABOUT,
    exits: { 0: 'all holds', 1: 'something does not', 3: 'nobody knows: the database cannot be asked' },
    examples: [
      'orca audit',
      'POSTGRES_URL=postgres://orca:secret@db/orca orca audit',
      "orca audit --json | jq '.violations[].jobId'",
    ],
  });
}
