import assert from 'node:assert/strict';
import type { SandboxReport, StepReport } from '../sandbox.ts';

/** Whatever becomes of the command, the next one runs. */
export const NEXT = { on_complete: 'next', on_fail: 'next' } as const;
/** The last command of a script. */
export const OUTPUT = { on_complete: 'output', on_fail: 'abort' } as const;

/** The steps of a report, which must be so many. */
export function stepsOf(report: SandboxReport, count: number): StepReport[] {
  assert.equal(report.steps.length, count, `ended with ${JSON.stringify(report.ending)}`);
  return [...report.steps];
}
