import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { BARE_INSERT } from './bare-insert.ts';
import { BY_HAND } from './by-hand.ts';
import type { QueueFigures } from './figures.ts';
import type { Goal } from './goals.ts';
import { GRAPHILE, GRAPHILE_LOCAL_QUEUE } from './graphile-worker.ts';
import { ORCA } from './orca.ts';
import { PG_BOSS, PG_BOSS_BATCHES } from './pg-boss.ts';
import { PUT_OVER_HTTP } from './put-over-http.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
const WAITING = [50, 100];
/** More would mean that the work was not done. */
const RATE_MAX = 100_000;

test('bench queue measures every contender at every size, and appends the figures', async (t) => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'orca-bench-test-'));
  t.after(() => rm(folder, { recursive: true }));
  const results = path.join(folder, 'results.md');
  const data = path.join(folder, 'data');
  const args = [MAIN, 'queue', '--tiny', '--json', '--results', results, '--data', data];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { figures, goals }: { figures: QueueFigures; goals: Goal[] } = JSON.parse(stdout);

  const namesOf = (isOne: (series: QueueFigures['series'][number]) => boolean): string[] =>
    figures.series.filter(isOne).map(({ name }) => name);
  assert.deepEqual(
    namesOf(({ work }) => work.kind === 'enqueue'),
    [PUT_OVER_HTTP, ORCA, BY_HAND, PG_BOSS, GRAPHILE, BARE_INSERT],
  );
  for (const waiting of WAITING)
    assert.deepEqual(
      namesOf(({ work }) => work.kind === 'run' && work.waiting === waiting),
      [ORCA, BY_HAND, PG_BOSS, PG_BOSS_BATCHES, GRAPHILE, GRAPHILE_LOCAL_QUEUE],
    );
  for (const { name, rates } of figures.series) {
    assert.equal(rates.length, 1, name);
    assert.ok(
      rates.every((rate) => rate > 1 && rate < RATE_MAX),
      `${name}: ${rates}`,
    );
  }
  assert.deepEqual(
    figures.claims.map(({ waiting }) => waiting),
    WAITING,
  );
  assert.ok(goals.every(({ ratio }) => Number.isFinite(ratio.median)));
  assert.match(await readFile(results, 'utf8'), /## queue \(tiny\), .*, commit [0-9a-f]+/);
  await assert.rejects(stat(path.join(data, 'postgres')), { code: 'ENOENT' });
});
