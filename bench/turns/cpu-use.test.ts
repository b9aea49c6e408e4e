import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { cpuUseBetween, readCpuUse } from './cpu-use.ts';

const BURN_MS = 300;
/** The kernel counts in steps of 10 ms, and may count one too many or too few at each end. */
const STEP_MS = 30;

/** By its own clock of the processor: on a busy machine a process does not have one all the time. */
const BURN = `const used = () => process.cpuUsage().user + process.cpuUsage().system; while (used() < ${BURN_MS * 1_000});`;

test("readCpuUse() tells this process's time from a child's, and the machine's from both", async () => {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  await once(child, 'spawn');
  const pid = child.pid ?? assert.fail('it runs');
  const pids = { worker: pid, server: pid, postgres: pid };
  const before = readCpuUse(pids);
  const own = process.cpuUsage();
  const until = performance.now() + BURN_MS;
  while (performance.now() < until);
  const { user, system } = process.cpuUsage(own);
  const used = cpuUseBetween(before, readCpuUse(pids), 1);
  child.kill();
  const ownMs = (user + system) / 1_000;
  assert.ok(Math.abs(used.bench - ownMs) <= STEP_MS, `${used.bench} of ${ownMs} ms`);
  assert.equal(used.worker, 0);
  assert.ok(used.others >= -STEP_MS, `${used.others}`);
});

test('readCpuUse() counts what the children of PostgreSQL use, running or ended', async () => {
  // A parent that burns nothing itself: one child after the other does, and the second stays.
  const script = `"$0" -e '${BURN}'; "$0" -e '${BURN} console.log(); setInterval(() => 0, 1e6)'; true`;
  const parent = spawn('/bin/sh', ['-c', script, process.execPath], { detached: true });
  const pid = parent.pid ?? assert.fail('it runs');
  await once(parent.stdout, 'data');
  const used = readCpuUse({ worker: pid, server: pid, postgres: pid });
  process.kill(-pid, 'SIGKILL');
  assert.ok(used.postgres >= 2 * (BURN_MS - STEP_MS), `${used.postgres} ms`);
});

test('cpuUseBetween() is for each job', () => {
  const before = { worker: 10, server: 20, postgres: 30, bench: 40, others: 50 };
  const after = { worker: 30, server: 60, postgres: 90, bench: 120, others: 150 };
  const each = { worker: 2, server: 4, postgres: 6, bench: 8, others: 10 };
  assert.deepEqual(cpuUseBetween(before, after, 10), each);
});
