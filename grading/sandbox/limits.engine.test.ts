import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { SandboxReport, StepReport } from './sandbox.ts';
import { openTestSandbox, type TestSandbox } from './testing/open-test-sandbox.ts';

const NEXT = { on_complete: 'next', on_fail: 'next' } as const;
const OUTPUT = { on_complete: 'output', on_fail: 'abort' } as const;
const KIB = 1024;

function stepsOf(report: SandboxReport, count: number): StepReport[] {
  assert.equal(report.steps.length, count, `ended with ${JSON.stringify(report.ending)}`);
  return [...report.steps];
}

describe("a command's limits", () => {
  let box: TestSandbox;
  before(async () => {
    box = await openTestSandbox();
  });
  after(() => box[Symbol.asyncDispose]());

  test('time: it is killed with all that it started, and what it printed is kept', async () => {
    const report = await box.run([
      { cmd: 'echo early; (setsid sleep 1000 &); sleep 1000; echo late', timeout: 1, ...NEXT },
      { cmd: 'cat /proc/[0-9]*/comm | grep -c sleep', on_fail: 'next', on_complete: 'output' },
    ]);
    const [slow, count] = stepsOf(report, 2);
    assert.equal(slow?.timedOut, true);
    assert.equal(slow?.status, null);
    assert.equal(String(slow?.stdout), 'early\n');
    assert.deepEqual(slow?.limit, {
      kind: 'time',
      sentence: "killed: ran longer than 1 s, this command's time limit",
    });
    const wallMs = slow?.usage.wallMs ?? 0;
    assert.ok(wallMs >= 1_000 && wallMs < 10_000, `${wallMs} ms`);
    assert.equal(String(count?.stdout), '0\n');
  });

  test('time of the whole job: the command under it is killed, and those before it are reported', async () => {
    const report = await box.run(
      [
        { cmd: 'echo first', ...NEXT },
        { cmd: 'echo second; sleep 1000', timeout: 900 },
      ],
      {
        limits: { wallSeconds: 2 },
      },
    );
    const [first, second] = stepsOf(report, 2);
    assert.equal(String(first?.stdout), 'first\n');
    assert.equal(String(second?.stdout), 'second\n');
    assert.equal(second?.timedOut, true);
    assert.equal(second?.limit?.kind, 'time');
    assert.deepEqual(report.ending, { kind: 'limit', sentence: 'killed: the whole job ran longer than 2 s' });
  });

  test('memory: what took it is killed and told apart, and the script goes on', async () => {
    const report = await box.run([
      { cmd: ['python3', '-c', 'print("before", flush=True); x = b"x" * (900 << 20)'], ...NEXT },
      { cmd: 'python3 -c "x = b\'x\' * (900 << 20)"; echo shrugged', ...NEXT },
      // Below the container's peak so far, memory is only sampled: it is held as long as a busy machine needs for that.
      { cmd: ['python3', '-c', 'import time; x = b"x" * (20 << 20); time.sleep(2)'], ...OUTPUT },
    ]);
    const [hog, hidden, modest] = stepsOf(report, 3);
    assert.equal(hog?.status, -9);
    assert.equal(String(hog?.stdout), 'before\n');
    assert.deepEqual(hog?.limit, { kind: 'memory', sentence: 'killed: used more than 128 MiB of memory' });
    assert.equal(hidden?.status, 0);
    assert.equal(hidden?.limit?.kind, 'memory');
    assert.equal(modest?.limit, null);
    const peak = modest?.usage.memoryPeakBytes ?? 0;
    assert.ok(peak > 20 * KIB * KIB && peak < 60 * KIB * KIB, `${peak} bytes`);
  });

  test('memory: a program that makes itself the last to be killed does not end well, and it is its own fault', async () => {
    const hostile = [
      'import os, mmap',
      'children = [os.fork() for _ in range(3)]',
      'open("/proc/self/oom_score_adj", "w").write("0")',
      'blocks = []',
      'while True: blocks.append(bytearray(4 << 20))',
    ].join('\n');
    const report = await box.run([{ cmd: 'echo kept', ...NEXT }, { cmd: ['python3', '-c', hostile] }]);
    assert.equal(String(report.steps[0]?.stdout), 'kept\n');
    assert.equal(report.steps[1]?.limit?.kind, 'memory', JSON.stringify(report.ending));
    assert.ok(['abort', 'limit'].includes(report.ending.kind), JSON.stringify(report.ending));
  });

  test('processes: fork bombs, plain and in sessions of their own, are gone when the next command starts', async () => {
    const bomb = 'import os\nwhile True:\n  try:\n    if os.fork() == 0: os.setsid()\n  except OSError: pass';
    const report = await box.run([
      { cmd: ['python3', '-c', bomb], timeout: 2, ...NEXT },
      { cmd: 'f() { f | f & }; f; sleep 1', timeout: 2, ...NEXT },
      { cmd: 'ls -d /proc/[0-9]* | wc -l', ...OUTPUT },
    ]);
    const [first, second, count] = stepsOf(report, 3);
    assert.equal(first?.timedOut, true);
    for (const step of [first, second]) assert.equal(step?.limit?.kind, 'pids');
    assert.match(first?.limit?.sentence ?? '', /64 were running at once/);
    assert.equal(count?.status, 0);
    // Init, the harness, a shell, ls and wc.
    assert.ok(Number(String(count?.stdout)) <= 6, String(count?.stdout));
  });

  test('disk: a full disk is named, in /work and in /tmp, and is no death for want of memory', async () => {
    const report = await box.run(
      [
        { cmd: 'head -c 200M /dev/zero > big', ...NEXT },
        { cmd: 'rm big; echo fits > small && cat small', ...NEXT },
        { cmd: 'head -c 200M /dev/zero > /tmp/big', ...NEXT },
        { cmd: 'rm /tmp/big; truncate -s 100G sparse', ...NEXT },
        { cmd: 'i=0; while : > n$i; do i=$((i + 1)); done', on_complete: 'output', on_fail: 'abort' },
      ],
      { limits: { entries: 100 } },
    );
    const [work, small, tmp, sparse, many] = stepsOf(report, 5);
    assert.equal(work?.limit?.kind, 'disk');
    assert.match(work?.limit?.sentence ?? '', /64 MiB of disk/);
    assert.equal(small?.status, 0);
    assert.equal(tmp?.limit?.kind, 'disk');
    assert.equal(sparse?.limit?.kind, 'disk');
    assert.equal(many?.limit?.kind, 'disk');
  });

  test('output: 100 MB are read and counted, the beginning and the end are kept', async () => {
    const report = await box.run([
      { cmd: 'echo first; head -c 100000000 /dev/zero | tr "\\0" x; echo last', ...NEXT },
      { cmd: ['head', '-c', String(1_024 * KIB), '/dev/zero'], ...NEXT },
      { cmd: ['head', '-c', String(1_024 * KIB + 1), '/dev/zero'], ...NEXT },
      { cmd: 'exec >&-; exec 2>&-; exit 0', ...OUTPUT },
    ]);
    const [flood, atLimit, pastLimit, closed] = stepsOf(report, 4);
    const text = String(flood?.stdout);
    assert.equal(flood?.status, 0);
    assert.equal(flood?.outputBytes, 100_000_011);
    assert.equal(flood?.limit?.kind, 'output');
    assert.ok(text.startsWith('first\nxxx') && text.endsWith('xxxlast\n'));
    const dropped = 100_000_011 - 1_024 * KIB;
    assert.ok(text.includes(`\n[Orca: ${dropped} bytes were dropped here]\n`));
    assert.equal(atLimit?.limit, null);
    assert.equal(atLimit?.stdout.length, 1_024 * KIB);
    assert.equal(pastLimit?.limit?.kind, 'output');
    assert.equal(closed?.status, 0);
  });
});
