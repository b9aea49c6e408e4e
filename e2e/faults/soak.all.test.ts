import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FAULT_NAMES } from '../soak/plan-faults.ts';
import { problemsOf } from '../soak/problems-of.ts';
import { renderReport } from '../soak/render-report.ts';
import { runSoak } from '../soak/run-soak.ts';

/** `orca test --soak 60 --seed 48` does the same. */
const SOAK = { jobs: 60, seed: 48 } as const;

test(`F48: a soak of ${SOAK.jobs} jobs (seed ${SOAK.seed}) under every kind of fault loses nothing and doubles nothing`, async (t) => {
  const controls = { say: (line: string) => t.diagnostic(line), enough: new AbortController().signal };
  const report = await runSoak(SOAK, controls, t.signal);
  const summary = renderReport(report);
  t.diagnostic(summary);
  const problems = problemsOf(report);
  assert.deepEqual(problems, [], problems.length > 0 ? `${summary}\nLogs: ${await report.keepLogs()}` : '');

  // It was a soak, too: all kinds of faults have come, and the jobs have.
  assert.deepEqual([...report.faults.keys()].sort(), [...FAULT_NAMES].sort());
  assert.equal(report.ledger.entries.length, SOAK.jobs);
  assert.ok(report.verdict.ends.graded >= SOAK.jobs / 2, 'most have ended well');
  assert.ok(report.runs >= report.verdict.ends.graded, 'each in a run of its own');
});
