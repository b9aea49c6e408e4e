import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Goal, MemoryFigures } from './figures.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
/** Of the smaller of what passes through, 95 MiB, hardly less is seen when it is held. */
const HELD_MIB = 90;
const PLAUSIBLE_MIB = { min: 30, max: 400 };

test('bench memory watches all three processes, through which a large file and a large output pass', async (t) => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'orca-bench-test-'));
  t.after(() => rm(folder, { recursive: true }));
  const results = path.join(folder, 'results.md');
  const args = [
    MAIN,
    'memory',
    '--tiny',
    ...['--jobs', '14'],
    '--json',
    '--results',
    results,
    '--data',
    path.join(folder, 'data'),
  ];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { figures, goals }: { figures: MemoryFigures; goals: Goal[] } = JSON.parse(stdout);
  assert.equal(figures.jobs, 14);
  assert.deepEqual(
    figures.processes.map(({ name }) => name),
    ['server', 'image builder', 'worker'],
  );
  for (const { name, idle, most } of figures.processes)
    for (const mib of [idle, most])
      assert.ok(mib > PLAUSIBLE_MIB.min && mib < PLAUSIBLE_MIB.max, `${name}: ${mib} MiB`);
  const passing = goals.filter(({ sentence }) => sentence.startsWith('rise with'));
  assert.equal(passing.length, 6);
  assert.deepEqual(
    passing.filter(({ value }) => value >= HELD_MIB),
    [],
    'neither the file of 128 MiB nor the output of 100 MB is held',
  );
  assert.match(await readFile(results, 'utf8'), /## memory \(tiny\), .*, commit [0-9a-f]+/);
});
