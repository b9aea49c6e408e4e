import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Goal } from './goal.ts';
import type { LatencyFigures } from './latency/measure-latency.ts';
import type { TurnFigures } from './turns/take-turns.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
/** Whoever is quicker has not done the work. */
const JOB_MS_MIN = 5;
const RATE_MAX = 200;

/** Runs a comparison at its smallest, and returns what it printed and what it appended. */
async function bench(name: string): Promise<{ printed: string; appended: string }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'orca-bench-test-'));
  try {
    const results = path.join(folder, 'results.md');
    const data = path.join(folder, 'data');
    const args = [MAIN, name, '--tiny', '--json', '--results', results, '--data', data];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    await assert.rejects(stat(path.join(data, 'postgres')), { code: 'ENOENT' });
    return { printed: stdout, appended: await readFile(results, 'utf8').catch(() => '') };
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('bench latency measures jobs and bare containers side by side, phase by phase', async () => {
  const { printed, appended } = await bench('latency');
  const { figures, goals }: { figures: LatencyFigures; goals: Goal[] } = JSON.parse(printed);
  for (const times of [figures.orca, figures.bare]) {
    assert.equal(times.length, 2);
    assert.ok(times.every((ms) => ms > JOB_MS_MIN));
  }
  assert.ok((figures.phases['commands_ms'] ?? []).length === 2);
  assert.equal(goals.length, 3);
  assert.match(appended, /## latency \(tiny\), .*, commit [0-9a-f]+/);
  assert.match(appended, /\| bare docker run +\| +\d+ /);
});

test('bench throughput measures rates of one worker and of bare containers', async () => {
  const { printed, appended } = await bench('throughput');
  const { figures, goals }: { figures: TurnFigures; goals: Goal[] } = JSON.parse(printed);
  for (const [pace, ...others] of [figures.orca, figures.bare]) {
    assert.ok(pace !== undefined && others.length === 0);
    assert.ok(pace.rate > 0 && pace.rate < RATE_MAX, `${pace.rate}`);
    // To make a container keeps the engine busy, whatever the machine.
    assert.ok(pace.cpu.others > 10, `${pace.cpu.others} ms`);
  }
  assert.ok((figures.orca[0]?.cpu.worker ?? 0) > 0 && (figures.bare[0]?.cpu.bench ?? 0) > 0);
  assert.ok(goals.every(({ figure }) => Number.isFinite(figure)));
  assert.match(appended, /## throughput \(tiny\)/);
  assert.match(appended, /\| PostgreSQL +\| +\d+\.\d +\|/);
});

test('bench runtimes compares runc and crun on an engine of its own', async (t) => {
  const { printed, appended } = await bench('runtimes');
  if (printed.startsWith('NOTHING IS COMPARED: ')) t.skip(printed);
  else assert.match(appended, /\| runc: the whole job +\| +\d+ [\s\S]*\| crun: the whole job +\| +\d+ /);
});
