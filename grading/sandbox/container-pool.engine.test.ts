import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { inspectContainer, killContainer } from '@orca/docker';
import type { GradingScript, JobLimits } from '@orca/protocol';
import { bundleHarness } from './bundle-harness.ts';
import { POOL_TIMES } from './container-pool.ts';
import type { SandboxEvent, SandboxReport } from './sandbox.ts';
import { openTestSandbox, type TestSandbox } from './testing/open-test-sandbox.ts';

const run = promisify(execFile);
const POOL = { containersMax: 2, sameMax: 1 };
const WAIT_MS_MAX = 60_000;
/** So often a container is stopped until one was ready before. */
const STOPS_MAX = 20;
const OUTPUT = { on_complete: 'output' } as const;
const HELLO: GradingScript = [{ cmd: 'echo hello', ...OUTPUT }];

/** Runs a job, and tells in which container. */
async function runNamed(
  box: TestSandbox,
  script: GradingScript,
  limits: Partial<JobLimits> = {},
): Promise<{ name: string; startedAhead: boolean; report: SandboxReport }> {
  let container = { name: '', startedAhead: false };
  const onEvent = (event: SandboxEvent): void => {
    if (event.kind === 'container') container = event;
  };
  const report = await box.run(script, { limits, onEvent });
  const { name, startedAhead } = container;
  return { name, startedAhead, report };
}

function outputOf({ steps }: SandboxReport): string {
  return String(steps.at(-1)?.stdout);
}

/** Waits until exactly one container is there that no job was given, and that runs; and no job's is left. */
async function waitingIn(box: TestSandbox): Promise<string> {
  const giveUpAt = performance.now() + WAIT_MS_MAX;
  for (;;) {
    const names = await box.listContainers();
    const [name = '', ...others] = await box.listWaiting();
    const isAlone = others.length === 0 && names.length === 1 && names[0] === name;
    if (isAlone && (await inspectContainer(box.engine, name))?.isRunning) return name;
    assert.ok(performance.now() < giveUpAt, `one container did not come to wait: ${names}`);
    await sleep(25);
  }
}

/** The process ids, on this machine, of what a container's init has started. */
async function processesIn(name: string): Promise<number[]> {
  const { stdout } = await run('docker', ['inspect', '--format', '{{.State.Pid}}', name]);
  const init = Number(stdout);
  return (await readFile(`/proc/${init}/task/${init}/children`, 'utf8')).trim().split(' ').map(Number);
}

/** Waits until a harness has read its whole program, after which it is ready in a moment. */
async function untilLoaded(processes: readonly number[]): Promise<void> {
  const bytes = Buffer.byteLength(await bundleHarness());
  const giveUpAt = performance.now() + WAIT_MS_MAX;
  for (;;) {
    const texts = await Promise.all(processes.map((pid) => readFile(`/proc/${pid}/io`, 'utf8')));
    if (texts.some((text) => Number(/rchar: (\d+)/.exec(text)?.[1]) >= bytes)) return;
    assert.ok(performance.now() < giveUpAt, 'the harness was not loaded');
    await sleep(25);
  }
}

describe('a sandbox with a pool', () => {
  test('gives the next job a container that was started ahead, once, and keeps nothing of a job', async () => {
    await using box = await openTestSandbox('w', { pool: POOL });
    const script: GradingScript = [
      { cmd: 'ls -A /tmp $BUILD; echo of mine > /tmp/left; echo of mine > $BUILD/left; hostname', ...OUTPUT },
    ];
    const names: string[] = [];
    for (let job = 0; job < 3; job += 1) {
      const { name, startedAhead, report } = await runNamed(box, script);
      if (job === 0) assert.ok(!startedAhead);
      assert.doesNotMatch(outputOf(report), /left/);
      names.push(name);
      const waiting = await waitingIn(box);
      assert.ok(!names.includes(waiting), `${waiting} had a job`);
      const next = await runNamed(box, HELLO);
      assert.equal(outputOf(next.report), 'hello\n');
      assert.equal(next.name, waiting);
      assert.ok(next.startedAhead);
      names.push(next.name);
    }
    assert.equal(new Set(names).size, names.length);
  });

  test("counts the job's time from its own beginning", async () => {
    await using box = await openTestSandbox('w', { pool: POOL });
    const limits = { wallSeconds: 6 };
    await runNamed(box, HELLO, limits);
    const waiting = await waitingIn(box);
    // Longer than the job may take.
    await sleep(7_000);
    const { name, report } = await runNamed(box, [{ cmd: 'sleep 1; echo in time', ...OUTPUT }], limits);
    assert.equal(name, waiting);
    assert.deepEqual([report.ending.kind, outputOf(report)], ['output', 'in time\n']);
    await waitingIn(box);
    const late = await runNamed(box, [{ cmd: 'sleep 1000' }], limits);
    assert.equal(late.report.ending.kind, 'limit', 'and it has an end');
  });

  test('makes a container of its own for a job with other limits', async () => {
    await using box = await openTestSandbox('w', { pool: POOL });
    await runNamed(box, HELLO);
    const waiting = await waitingIn(box);
    const { name, report } = await runNamed(box, HELLO, { memoryMb: 99 });
    assert.notEqual(name, waiting);
    assert.equal(outputOf(report), 'hello\n');
  });

  test('never gives out a container that died while it waited', async () => {
    await using box = await openTestSandbox('w', { pool: POOL });
    await runNamed(box, HELLO);
    const waiting = await waitingIn(box);
    await killContainer(box.engine, waiting);
    const giveUpAt = performance.now() + WAIT_MS_MAX;
    while ((await box.listContainers()).includes(waiting)) {
      assert.ok(performance.now() < giveUpAt, 'it was not noticed');
      await sleep(25);
    }
    const { name, report } = await runNamed(box, HELLO);
    assert.notEqual(name, waiting);
    assert.equal(outputOf(report), 'hello\n');
  });

  test('runs a job again in a container of its own when the one that waited never takes its plan', async () => {
    for (let attempt = 1; ; attempt += 1) {
      await using box = await openTestSandbox('w', { pool: POOL });
      await runNamed(box, HELLO);
      const waiting = await waitingIn(box);
      const processes = await processesIn(waiting);
      await untilLoaded(processes);
      for (const pid of processes) process.kill(pid, 'SIGSTOP');
      const names: string[] = [];
      const report = await box.run(HELLO, {
        onEvent(event) {
          if (event.kind !== 'container') return;
          names.push(event.name);
          if (event.name === waiting) void killContainer(box.engine, waiting);
        },
      });
      assert.deepEqual([report.ending.kind, outputOf(report)], ['output', 'hello\n']);
      // One that was stopped before its harness was loaded was never given out.
      if (names[0] !== waiting && attempt < STOPS_MAX) continue;
      assert.deepEqual([names.length, names[0]], [2, waiting]);
      return;
    }
  });

  test('tells limits and crashes of a job in a container that had waited as in any other', async () => {
    await using box = await openTestSandbox('w', { pool: POOL });
    await runNamed(box, HELLO);
    const waiting = await waitingIn(box);
    const script: GradingScript = [
      { cmd: 'echo before' },
      { cmd: ['python3', '-c', 'a = bytearray(400 << 20)'], timeout: 30 },
      { cmd: 'echo after', ...OUTPUT },
    ];
    const { name, report } = await runNamed(box, script, {});
    assert.equal(name, waiting);
    assert.equal(report.steps[1]?.limit?.kind, 'memory');
  });

  test('rest() removes what waits, and no sweep touches it before', async () => {
    await using box = await openTestSandbox('w', { pool: POOL });
    await runNamed(box, HELLO);
    const waiting = await waitingIn(box);
    assert.equal(await box.sandbox.removeOrphans(() => false), 0);
    assert.deepEqual(await box.listContainers(), [waiting]);
    box.sandbox.rest();
    const giveUpAt = performance.now() + WAIT_MS_MAX;
    while ((await box.listContainers()).length > 0) {
      assert.ok(performance.now() < giveUpAt, 'it was not removed');
      await sleep(25);
    }
  });

  test('leaves no container when it is disposed of while one is being started', async () => {
    for (const afterMs of [POOL_TIMES.refillAfterMs, POOL_TIMES.refillAfterMs + 40]) {
      await using box = await openTestSandbox('w', { pool: POOL });
      await runNamed(box, HELLO);
      await sleep(afterMs);
      await box.sandbox[Symbol.asyncDispose]();
      assert.deepEqual(await box.listContainers(), []);
    }
  });

  test('leaves no container when it is disposed of, started or waiting', async () => {
    await using box = await openTestSandbox('w', { pool: POOL });
    await runNamed(box, HELLO);
    await waitingIn(box);
    await runNamed(box, HELLO);
    await box.sandbox[Symbol.asyncDispose]();
    assert.deepEqual(await box.listContainers(), []);
  });
});
