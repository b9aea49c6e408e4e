import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orca-simulate-test-'));
});
after(() => rm(folder, { recursive: true }));

type Run = { status: number; stdout: string; stderr: string };

/** Calls `orca simulate`, without a database in sight. */
function orcaSimulate(...args: string[]): Promise<Run> {
  return new Promise((resolve) => {
    const options = { cwd: folder, env: {} };
    execFile(process.execPath, [MAIN, 'simulate', ...args], options, (error, stdout, stderr) =>
      resolve({ status: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}

test('orca simulate replays a trace with the newest submission first, and tells the waits as JSON', async () => {
  const trace = join(folder, 'trace.csv');
  await writeFile(trace, 'at,submitter,seconds\n0,bob,10\n1,ada,10\n2,cleo,10\n3,ada,10\n');
  const { status, stdout } = await orcaSimulate(trace, '--slots', '1', '--overhead', '2', '--json');
  assert.equal(status, 0);
  const report = JSON.parse(stdout);
  assert.equal(report.submissions, 4);
  assert.equal(report.submitters, 3);
  // Bob at 0, Ada's second at 12, Cleo at 24, Ada's first at 36.
  assert.deepEqual(report.waits, {
    submissions: { p50: 9, p95: 35, max: 35 },
    students: { p50: 9, p95: 22, max: 22 },
    answers: { p50: 21, p95: 34, max: 34 },
    makespanSeconds: 48,
    utilisation: 1,
  });
  assert.equal(report.curve.waiting.length, 64);
});

test('orca simulate makes up a course, prints a table and a chart, and writes the plot and the trace', async () => {
  const [svg, saved] = [join(folder, 'night.svg'), join(folder, 'saved.jsonl')];
  const made = await orcaSimulate('--students', '50', '--svg', svg, '--save-trace', saved);
  assert.equal(made.status, 0);
  assert.match(made.stdout, /^70 submissions of 50 students, graded by 1 worker with 2 slots\n/);
  assert.match(made.stdout, /a student's last submission waits +\d/);
  assert.match(made.stdout, /jobs that wait\n *\d+ ┤/);
  assert.match(await readFile(svg, 'utf8'), /<polyline .*points="\d/);
  assert.equal((await readFile(saved, 'utf8')).trim().split('\n').length, 70);
  const replayed = await orcaSimulate(saved, '--json');
  const madeAgain = await orcaSimulate('--students', '50', '--json');
  const { waits } = JSON.parse(replayed.stdout);
  for (const which of ['submissions', 'students', 'answers'])
    assert.deepEqual(rounded(waits[which]), rounded(JSON.parse(madeAgain.stdout).waits[which]));
});

/** To the millisecond: a saved trace begins with its first submission. */
function rounded(percentiles: Record<string, number>): Record<string, string> {
  return Object.fromEntries(Object.entries(percentiles).map(([name, value]) => [name, value.toFixed(3)]));
}

test('orca simulate says what it cannot do', async () => {
  const noFile = await orcaSimulate('none.csv');
  assert.equal(noFile.status, 2);
  assert.match(noFile.stderr, /^Cannot read "none\.csv": there is no such file\n$/);
  const noFolder = await orcaSimulate('--students', '2', '--svg', join(folder, 'no', 'plot.svg'));
  assert.equal(noFolder.status, 1);
  assert.match(noFolder.stderr, /^Cannot write ".*plot\.svg": there is no such file\n$/);
  const noDatabase = await orcaSimulate('--job-history', '1', '--data', join(folder, 'no-data'));
  assert.equal(noDatabase.status, 1);
  assert.match(noDatabase.stderr, /^Cannot find the database: POSTGRES_URL is not set/);
  const noTimes = await orcaSimulate('--grading-seconds', 'long');
  assert.equal(noTimes.status, 2);
  assert.match(noTimes.stderr, /It must be seconds such as 5/);
});
