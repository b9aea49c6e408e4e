import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { comparisonOptions, scaleNameOf } from '../comparison-options.ts';
import { showFigure } from '../goal.ts';
import { describeMachine, type Machine } from '../machine.ts';
import { renderTable } from '../render-table.ts';
import { readCount } from '../usage-error.ts';
import { type Goal, judgeMemory, type MemoryFigures } from './figures.ts';
import { benchMemory, SCALES } from './run-memory.ts';

const OPTIONS = { ...comparisonOptions('bench-memory'), jobs: { type: 'string' } } as const;

const HELP = `Usage: npm run bench -- memory [options]

  How much memory server, image builder and worker have in use while one worker with two slots grades 10,000 small jobs as
  fast as it can, while a file of 128 MiB comes, and while a command prints 100 MB.

  --quick         300 jobs, for a look while developing
  --jobs N        another number of jobs
  --tiny          12 jobs, whose figures mean nothing: to see that it runs
  --json          prints the figures as JSON instead of tables
  --results FILE  appends date, machine, commit and figures to this file (bench/results.md)
  --data FOLDER   where everything is kept meanwhile (.orca/bench-memory)
  --help          this text
`;

const DIGITS = 2;

/** What is printed with --json. */
type Report = { machine: Machine; figures: MemoryFigures; goals: Goal[] };

/** `bench memory`. @returns the exit status */
export async function runMemoryCommand(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const named = SCALES[scaleNameOf(values)];
  const scale = values.jobs === undefined ? named : { ...named, jobs: readCount('--jobs', values.jobs) };
  const machine = await describeMachine(new Date());
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const figures = await benchMemory(scale, path.resolve(values.data), say);
  const report: Report = { machine, figures, goals: judgeMemory(figures) };
  const page = renderReport(report);
  await appendFile(values.results, `\n${page}`);
  process.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : page);
  return 0;
}

function renderReport({ machine, figures, goals }: Report): string {
  const { date, commit, cores, cpu, memoryGib, node } = machine;
  const head = ['MiB resident', 'idle', 'first third', 'last third', 'most', 'with 128 MiB', 'with 100 MB'];
  const rows = figures.processes.map(({ name, idle, early, late, most, file, output }) => [
    name,
    ...[idle, early, late, most, file, output].map((mib) => mib.toFixed(0)),
  ]);
  const goalRows = goals.map(({ process: name, sentence, limit, value, isMet }) => [
    ...[`${name}: ${sentence}`, `at most ${limit}`, showValue(value, limit), isMet ? 'met' : '**missed**'],
  ]);
  return `## memory (${figures.scale}), ${date.slice(0, 16).replace('T', ' ')} UTC, commit ${commit}

${cores} cores (${cpu}), ${memoryGib} GiB, Node ${node}. ${figures.jobs} jobs, ${figures.jobsPerSecond.toFixed(1)} a second.

${renderTable([head, ...rows])}
${renderTable([['goal', 'limit', 'value', ''], ...goalRows])}`;
}

function showValue(figure: number, limit: number): string {
  return showFigure({ figure, limit: { kind: 'at_most', value: limit } }, DIGITS);
}
