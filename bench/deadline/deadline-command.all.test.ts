import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { DeadlineFigures, Goal } from './figures.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

test('bench deadline grades a small night twice, fairly, and simulates it', async (t) => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'orca-bench-test-'));
  t.after(() => rm(folder, { recursive: true }));
  const [results, svg] = [path.join(folder, 'results.md'), path.join(folder, 'night.svg')];
  const options = ['--results', results, '--svg', svg, '--data', path.join(folder, 'data')];
  const { stdout } = await promisify(execFile)(process.execPath, [
    MAIN,
    'deadline',
    '--tiny',
    '--json',
    ...options,
  ]);
  const { figures, goals }: { figures: DeadlineFigures; goals: Goal[] } = JSON.parse(stdout);
  assert.equal(figures.submissions, 7);
  assert.equal(figures.students, 5);
  for (const seconds of [...figures.bareHalves.map((half) => half.seconds), figures.orcaSeconds])
    assert.ok(seconds > 0.1, String(seconds));
  assert.deepEqual(
    figures.bareHalves.map(({ submissions }) => submissions),
    [4, 3],
  );
  assert.deepEqual(figures.unfair, []);
  for (const [pace, ...others] of [figures.turns.orca, figures.turns.bare])
    assert.ok(pace !== undefined && pace.rate > 0 && pace.cpu.others > 0 && others.length === 0);
  // The tests' archive and two submissions, each once; all else was only asked about. The warm-up had others.
  assert.deepEqual(figures.files, { bodies: 3, notModified: 2 * 7 - 3 });
  // How fast it is, and how well it was foretold, says nothing on a machine that does other things too.
  assert.equal(goals.length, 4);
  assert.equal(goals[2]?.isMet, true, 'it is fair');
  assert.ok(goals.every(({ value }) => Number.isFinite(value)));
  assert.match(await readFile(results, 'utf8'), /## deadline \(tiny, 5 students\), .*, commit [0-9a-f]+/);
  assert.match(await readFile(svg, 'utf8'), /^<svg .*<polyline .*points="\d/s);
});
