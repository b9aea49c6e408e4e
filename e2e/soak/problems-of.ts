import type { SoakReport } from './run-soak.ts';

/** So much more than at the beginning is no growth: pools breathe, and V8 gives back late what a build or a burst took. */
const MORE_MIB_MAX = 160;
const MORE_FILES_MAX = 24;
const MORE_CONNECTIONS_MAX = 12;

/** Everything that is not as it must be after a soak, in sentences; empty when all is well. */
export function problemsOf({ verdict, held, leftOvers, secrets }: SoakReport): string[] {
  return [
    ...verdict.lost.map((sentence) => `Lost: ${sentence}`),
    ...verdict.doubled.map((sentence) => `Doubled: ${sentence}`),
    ...verdict.wrong.map((sentence) => `Wrong: ${sentence}`),
    ...leftOvers.map((sentence) => `Left over: ${sentence}`),
    ...secrets.map((sentence) => `Told: ${sentence}`),
    ...growth(held),
  ];
}

/** What has grown from the start to the end, in sentences. */
export function growth({ start, end }: Pick<SoakReport['held'], 'start' | 'end'>): string[] {
  const problems: string[] = [];
  if (end.connections > start.connections + MORE_CONNECTIONS_MAX)
    problems.push(
      `Grown: ${start.connections} connections to PostgreSQL at the start, ${end.connections} at the end`,
    );
  for (const [name, before] of start.processes) {
    const after = end.processes.get(name);
    if (after === undefined) problems.push(`Gone: the ${name} does not run at the end`);
    else {
      if (after.files > before.files + MORE_FILES_MAX)
        problems.push(
          `Grown: the ${name} had ${before.files} files open at the start, ${after.files} at the end`,
        );
      if (after.residentMib > before.residentMib + MORE_MIB_MAX)
        problems.push(
          `Grown: the ${name} had ${Math.round(before.residentMib)} MiB in memory at the start, ` +
            `${Math.round(after.residentMib)} at the end`,
        );
    }
  }
  return problems;
}
