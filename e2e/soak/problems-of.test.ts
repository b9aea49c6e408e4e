import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemsOf } from './problems-of.ts';
import { renderReport } from './render-report.ts';
import type { SoakReport } from './run-soak.ts';
import type { Footprint } from './watch-resources.ts';

const footprint = (residentMib: number, files: number, connections: number): Footprint => ({
  processes: new Map([['server', { residentMib, files }]]),
  connections,
});

/** A soak in which all went well. */
const SOUND: SoakReport = {
  ...{ jobs: 10, seed: 7, seconds: 60, runs: 1, hurried: 0, waitsMs: [1_000, 2_000] },
  faults: new Map([['worker killed', 3]]),
  verdict: {
    ...{ lost: [], doubled: [], wrong: [], repeated: 0 },
    ends: { graded: 1, cancelled: 0, failed: 0 },
  },
  ledger: { entries: [], repeats: 0 },
  held: { start: footprint(100, 30, 20), end: footprint(110, 31, 20), peaks: new Map() },
  ...{ leftOvers: [], secrets: [] },
  keepLogs: async () => '/nowhere',
};

test('problemsOf() finds nothing after a soak in which all went well, and the summary says so', () => {
  assert.deepEqual(problemsOf(SOUND), []);
  const lines = renderReport(SOUND).trimEnd().split('\n');
  assert.equal(lines.at(-1), 'All holds.');
  assert.match(lines[0] ?? '', /^soak +0 of 10 jobs, seed 7, 60 s$/);
});

test('problemsOf() tells each thing that does not hold, and the summary ends with it', () => {
  const { verdict, held } = SOUND;
  const cases: [Partial<SoakReport>, RegExp][] = [
    [{ verdict: { ...verdict, lost: ['x'] } }, /^Lost: x$/],
    [{ verdict: { ...verdict, doubled: ['x'] } }, /^Doubled: x$/],
    [{ verdict: { ...verdict, wrong: ['x'] } }, /^Wrong: x$/],
    [{ leftOvers: ['x'] }, /^Left over: x$/],
    [{ secrets: ['x'] }, /^Told: x$/],
    [{ held: { ...held, end: footprint(110, 31, 40) } }, /^Grown: 20 connections to PostgreSQL/],
    [{ held: { ...held, end: footprint(110, 60, 20) } }, /^Grown: the server had 30 files open/],
    [{ held: { ...held, end: footprint(300, 31, 20) } }, /^Grown: the server had 100 MiB in memory/],
    [{ held: { ...held, end: { processes: new Map(), connections: 20 } } }, /^Gone: the server/],
  ];
  for (const [changes, expected] of cases) {
    const problems = problemsOf({ ...SOUND, ...changes });
    assert.equal(problems.length, 1, String(expected));
    assert.match(problems[0] ?? '', expected);
    assert.equal(
      renderReport({ ...SOUND, ...changes })
        .trimEnd()
        .split('\n')
        .at(-1),
      problems[0],
    );
  }
});
