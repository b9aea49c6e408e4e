import { parseArgs } from 'node:util';
import { endWithOutput } from '@orca/daemon/end-with-output';
import { comparisonOptions } from './comparison-options.ts';
import { runDeadlineCommand } from './deadline/deadline-command.ts';
import { runLatencyCommand } from './latency/latency-command.ts';
import { runMemoryCommand } from './memory/memory-command.ts';
import { runQueueCommand } from './queue/queue-command.ts';
import { runRuntimesCommand } from './runtimes/runtimes-command.ts';
import { runThroughputCommand } from './throughput/throughput-command.ts';
import { isUsageError } from './usage-error.ts';

/** Every comparison, in the order in which `npm run bench` runs them. */
const COMPARISONS: Readonly<
  Record<string, { about: string; run(args: readonly string[]): Promise<number> }>
> = {
  latency: {
    about: 'one trivial job at a time, from PUT to result POST, next to a bare docker run',
    run: runLatencyCommand,
  },
  throughput: {
    about: 'trivial jobs of one worker, next to bare containers of the same kind',
    run: runThroughputCommand,
  },
  deadline: {
    about: '300 students within a minute, next to the same commands by docker run',
    run: runDeadlineCommand,
  },
  memory: {
    about: 'what server, image builder and worker have in use at the full rate of one worker',
    run: runMemoryCommand,
  },
  runtimes: { about: 'runc next to crun, on an engine of its own', run: runRuntimesCommand },
  queue: { about: "Orca's queue next to other queues on PostgreSQL", run: runQueueCommand },
};

const USAGE = `Usage: npm run bench [-- [<comparison>] [--quick]]

Without a comparison it runs all, one after another. "npm run bench -- queue --help" says more of one.

${Object.entries(COMPARISONS)
  .map(([name, { about }]) => `  ${name.padEnd(11)} ${about}\n`)
  .join('')}`;

/** @returns the exit status: 2, and a sentence, for a command line that makes no sense */
async function main(args: readonly string[]): Promise<number> {
  try {
    return await run(args);
  } catch (error) {
    if (!isUsageError(error)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
}

/** Runs one comparison, or all; an unknown one ends with status 2. */
async function run([name, ...args]: readonly string[]): Promise<number> {
  if (name === '--help' || name === '-h') {
    process.stdout.write(USAGE);
    return 0;
  }
  if (name === undefined || name.startsWith('-')) return runAll(name === undefined ? [] : [name, ...args]);
  const comparison = Object.hasOwn(COMPARISONS, name) ? COMPARISONS[name] : undefined;
  if (comparison !== undefined) return comparison.run(args);
  process.stderr.write(USAGE);
  return 2;
}

/**
 * @returns the first status that is not 0; the other comparisons are run all the same
 * @throws {Error} `ERR_PARSE_ARGS_…` for what is no option of every comparison, before the first one begins
 */
async function runAll(args: readonly string[]): Promise<number> {
  parseArgs({ args: [...args], options: comparisonOptions('bench') });
  let status = 0;
  for (const [name, { run }] of Object.entries(COMPARISONS)) {
    process.stderr.write(`--- ${name}\n`);
    const ended = await run(args).catch((error: unknown) => {
      if (isUsageError(error)) throw error;
      process.stderr.write(`${name} failed: ${error instanceof Error ? error.message : String(error)}\n`);
      return 1;
    });
    if (status === 0) status = ended;
  }
  return status;
}

endWithOutput();
process.exitCode = await main(process.argv.slice(2));
