import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { loadEnvironment } from '@orca/daemon';
import { connectEngine, engineComponents } from '@orca/docker';
import { type Goal, goalRows } from './goal.ts';
import { comparisonOptions, scaleNameOf, type ScaleName } from './comparison-options.ts';
import { describeMachine, type Machine } from './machine.ts';
import { renderTable } from './render-table.ts';

/** A comparison that needs an engine, and nothing else that is not started for it. */
export interface Comparison<Scale, Figures> {
  readonly name: string;
  /** What it does, for `--help`. */
  readonly about: string;
  readonly scales: Readonly<Record<ScaleName, Scale>>;
  /**
   * @param folder for what is started meanwhile
   * @param say told what is going on
   * @returns a sentence where it cannot be done here
   */
  measure(scale: Scale, folder: string, say: (line: string) => void): Promise<Figures | string>;
  /** Tables in Markdown. */
  render(figures: Figures): string;
  judge(figures: Figures): Goal[];
}

const OPTIONS = comparisonOptions('bench');

/**
 * Runs a comparison as its arguments say, prints its figures, and appends them to the file of results.
 *
 * @returns the exit status
 */
export async function runComparison<Scale, Figures>(
  comparison: Comparison<Scale, Figures>,
  args: readonly string[],
): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  if (values.help) {
    process.stdout.write(helpOf(comparison));
    return 0;
  }
  const scale = scaleNameOf(values);
  const machine = await describeMachine(new Date());
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const figures = await comparison.measure(comparison.scales[scale], path.resolve(values.data), say);
  if (typeof figures === 'string') {
    process.stdout.write(`${figures}\n`);
    return 0;
  }
  const goals = comparison.judge(figures);
  const tables = [comparison.render(figures), ...(goals.length > 0 ? [renderTable(goalRows(goals))] : [])];
  const page = [await heading(comparison.name, scale, machine), ...tables].join('\n');
  await appendFile(values.results, `\n${page}`);
  process.stdout.write(values.json ? `${JSON.stringify({ machine, figures, goals }, null, 2)}\n` : page);
  return 0;
}

function helpOf({ name, about }: Pick<Comparison<unknown, unknown>, 'name' | 'about'>): string {
  return `Usage: npm run bench -- ${name} [options]

${about}
  --quick         fewer rounds, for a look while developing
  --tiny          the fewest, whose figures mean nothing: to see that it runs
  --json          prints the figures as JSON instead of tables
  --results FILE  appends date, machine, commit and figures to this file (bench/results.md)
  --data FOLDER   where what is started meanwhile keeps its data (.orca/bench)
  --help          this text
`;
}

async function heading(name: string, scale: ScaleName, machine: Machine): Promise<string> {
  const { date, commit, cores, cpu, memoryGib, node } = machine;
  const parts = await engineComponents(await connectEngine(loadEnvironment()['DOCKER_HOST']));
  const engine = [...parts].map(([part, version]) => `${part} ${version}`).join(', ');
  return `## ${name} (${scale}), ${date.slice(0, 16).replace('T', ' ')} UTC, commit ${commit}

${cores} cores (${cpu}), ${memoryGib} GiB, Node ${node}; ${engine}.
`;
}
