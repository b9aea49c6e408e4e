import { appendFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { removePostgres, startPostgres } from '@orca/database/embedded';
import { serverVersion } from '@orca/database/testing';
import { comparisonOptions, scaleNameOf } from '../comparison-options.ts';
import { describeMachine, type Machine } from '../machine.ts';
import type { QueueFigures } from './figures.ts';
import { type Goal, judgeGoals } from './goals.ts';
import { renderFigures } from './render-figures.ts';
import { benchQueue } from './run-queue.ts';
import { SCALES, type Scale } from './scale.ts';

const INTERRUPTED_STATUS = 130;

const OPTIONS = comparisonOptions('bench');

const HELP = `Usage: npm run bench -- queue [options]

  Puts jobs through Orca's queue, next to pg-boss and graphile-worker with tasks that write the same rows, to the same
  statements sent by hand, and to a bare insert: in one run, on one PostgreSQL server that is started for it, with fsync.

  --quick         smaller sizes, for a look while developing
  --tiny          the smallest sizes, whose rates mean nothing: to see that it runs
  --json          prints the figures as JSON instead of tables
  --results FILE  appends date, machine, commit and figures to this file (bench/results.md)
  --data FOLDER   where the server's data stand meanwhile, some 10 GB (.orca/bench)
  --help          this text
`;

/** What is printed with --json. */
type Report = { machine: Machine; postgresql: string; figures: QueueFigures; goals: Goal[] };

/** `bench queue`. @returns the exit status */
export async function runQueueCommand(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const scale = SCALES[scaleNameOf(values)];
  const report = await measure(scale, path.resolve(values.data), (line) => process.stderr.write(`${line}\n`));
  const page = renderReport(report);
  await appendFile(values.results, `\n${page}`);
  process.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : page);
  return 0;
}

async function measure(scale: Scale, folder: string, say: (line: string) => void): Promise<Report> {
  const machine = await describeMachine(new Date());
  await using opened = new AsyncDisposableStack();
  await mkdir(folder, { recursive: true });
  const dataDir = path.join(folder, 'postgres');
  const server = await startPostgres({ dataDir, log: say });
  opened.defer(() => removePostgres(dataDir));
  opened.use(server);
  process.once('SIGINT', () => void opened.disposeAsync().then(() => process.exit(INTERRUPTED_STATUS)));
  const postgresql = await serverVersion(server.url);
  const figures = await benchQueue({ scale, serverUrl: server.url, folder, say });
  return { machine, postgresql, figures, goals: judgeGoals(figures) };
}

function renderReport({ machine, postgresql, figures, goals }: Report): string {
  const { date, commit, cores, cpu, memoryGib, node } = machine;
  return `## queue (${figures.scale}), ${date.slice(0, 16).replace('T', ' ')} UTC, commit ${commit}

${cores} cores (${cpu}), ${memoryGib} GiB, Node ${node}, PostgreSQL ${postgresql}, fsync on.

${renderFigures(figures, goals)}`;
}
