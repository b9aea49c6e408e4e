import type { Command } from 'commander';
import { giveManual } from '../manual.ts';
import { jsonOption, keyOption, serverOption } from '../options.ts';
import { wholeNumber } from '../parse-option.ts';

/** What `orca trace` was asked for. */
export interface TraceOptions {
  readonly server?: string;
  /** Secret. */
  readonly key?: string;
  readonly json: boolean;
}

/** Does what `orca trace` does. @returns the exit status */
export type RunTrace = (jobId: number, options: TraceOptions) => Promise<number>;

const JOB_ID = { min: 1, max: Number.MAX_SAFE_INTEGER };

const ABOUT = `
From the PUT to the answer of the client, in the order in which it happened.
The beginning, the claim, the end and each try of the delivery are times of
the database; what lies between claim and end, the worker measured. "files"
is their download, "unpack" their way into the container and unpacking there;
"stored" is what a run took beside its phases, until its result was stored.
"queued" holds the runs that failed before, and says so; "running" is a run
whose phases are not known: it has not ended, was cut off, or failed.`;

/** Adds `orca trace` to the program. */
export function registerTrace(program: Command, run: RunTrace, finish: (status: number) => void): void {
  const command = program
    .command('trace')
    .description('show where each millisecond of a job went')
    .argument('<id>', 'the number of the job', wholeNumber(JOB_ID))
    .addOption(serverOption())
    .addOption(keyOption('that names the host of the job, or of an admin'))
    .addOption(jsonOption('print one JSON object: id, state, began_at, total_ms, spans'))
    .action(async (id, options) => finish(await run(id, options)));
  giveManual(command, {
    about: ABOUT,
    exits: { 0: 'it is shown', 1: 'there is no such job, or the server does not answer, or refuses' },
    examples: ['orca trace 17', "orca trace 17 --json | jq '.spans[] | select(.ms > 100)'"],
  });
}
