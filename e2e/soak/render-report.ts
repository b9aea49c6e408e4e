import { FAULT_NAMES } from './plan-faults.ts';
import { TREATMENTS } from './plan-jobs.ts';
import { problemsOf } from './problems-of.ts';
import type { SoakReport } from './run-soak.ts';

const SECOND_MS = 1_000;
const NAME_WIDTH = 14;

/** The summary of a soak, for a person; its last lines are what is not as it must be. */
export function renderReport(report: SoakReport): string {
  const { jobs, seed, seconds, verdict, ledger, runs, hurried, waitsMs } = report;
  const { graded, cancelled, failed } = verdict.ends;
  const faults = [...report.faults.values()].reduce((sum, count) => sum + count, 0);
  const sent = TREATMENTS.map(
    (treatment) => `${ledger.entries.filter(({ job }) => job.treatment === treatment).length} ${treatment}`,
  );
  const lines = [
    ['soak', `${ledger.entries.length} of ${jobs} jobs, seed ${seed}, ${seconds} s`],
    ['sent', `${sent.join(', ')}; ${ledger.repeats} requests repeated for want of an answer`],
    ['faults', `${faults}: ${listFaults(report)}`],
    ['ended', `${graded} graded, ${cancelled} cancelled, ${failed} failed by our faults, in ${runs} runs`],
    ['lost', String(verdict.lost.length)],
    ['doubled', `${verdict.doubled.length} (${verdict.repeated} results came again under the same id)`],
    ['waited', `${describeWaits(waitsMs)}; ${hurried} hurried at the end`],
    ...holdings(report),
  ];
  const problems = problemsOf(report);
  return [
    ...lines.map(([name = '', text = '']) => `${name.padEnd(NAME_WIDTH)}${text}`),
    ...(problems.length === 0 ? ['All holds.'] : problems),
    '',
  ].join('\n');
}

function listFaults({ faults }: SoakReport): string {
  return FAULT_NAMES.map((name) => `${name} ${faults.get(name) ?? 0}`).join(', ');
}

function describeWaits(waitsMs: readonly number[]): string {
  const at = (share: number): string => {
    const index = Math.min(waitsMs.length - 1, Math.floor(share * waitsMs.length));
    return `${((waitsMs[index] ?? 0) / SECOND_MS).toFixed(1)} s`;
  };
  return `from PUT to result p50 ${at(0.5)}, p95 ${at(0.95)}, most ${at(1)}`;
}

/** What each process held at the start, at the end and at most. */
function holdings({ held: { start, end, peaks } }: SoakReport): [string, string][] {
  const rows: [string, string][] = [...start.processes].map(([name, before]) => {
    const [after, peak] = [end.processes.get(name), peaks.get(name)];
    const mib = [before, after, peak].map((held) => Math.round(held?.residentMib ?? 0));
    const files = [before, after, peak].map((held) => held?.files ?? 0);
    return [
      name,
      `${mib[0]} → ${mib[1]} MiB (most ${mib[2]}), ${files[0]} → ${files[1]} files (most ${files[2]})`,
    ];
  });
  return [...rows, ['PostgreSQL', `${start.connections} → ${end.connections} connections`]];
}
