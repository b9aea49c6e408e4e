import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openTestSandbox, type TestSandbox } from './testing/open-test-sandbox.ts';
import { NEXT, OUTPUT, stepsOf } from './testing/steps-of.ts';

const KIB = 1024;

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

  test('memory: a harness that the kernel takes leaves what ran before, and what was printed, in the report', async () => {
    // Each is smaller than the harness, and as precious.
    const swarm = [
      'import os, signal',
      'print("swarming", flush=True)',
      'for _ in range(50):',
      '  if os.fork() == 0: break',
      'open("/proc/self/oom_score_adj", "w").write("0")',
      'blocks = []',
      'for _ in range(6): blocks.append(b"x" * (1 << 20)); signal.sigtimedwait([], 0.1)',
      'while True: signal.sigtimedwait([], 1)',
    ].join('\n');
    const report = await box.run([{ cmd: 'echo kept', ...NEXT }, { cmd: ['python3', '-c', swarm] }], {
      limits: { memoryMb: 32, diskMb: 16 },
    });
    const [kept, hostile] = stepsOf(report, 2);
    assert.deepEqual([String(kept?.stdout), kept?.finished, kept?.limit], ['kept\n', true, null]);
    assert.equal(String(hostile?.stdout), 'swarming\n');
    assert.deepEqual(hostile?.limit?.kind, 'memory');
    // Whom the kernel takes is its choice: most often the harness, and then this is the end.
    if (hostile?.finished === false) {
      const sentence = 'killed: used more than 32 MiB of memory';
      assert.deepEqual(report.ending, { kind: 'limit', sentence });
      assert.equal(hostile.status, -9);
    } else assert.equal(report.ending.kind, 'abort');
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
        { cmd: 'head -c 100M /dev/zero > /tmp/a && head -c 100M /dev/zero > /tmp/b', ...NEXT },
        { cmd: 'rm /tmp/a /tmp/b; truncate -s 100G sparse', ...NEXT },
        { cmd: 'i=0; while : > n$i; do i=$((i + 1)); done', on_complete: 'output', on_fail: 'abort' },
      ],
      { limits: { entries: 100 } },
    );
    const [work, small, tmp, sparse, many] = stepsOf(report, 5);
    assert.equal(work?.limit?.sentence, 'no space left: used all of the 64 MiB of disk');
    assert.equal(small?.status, 0);
    assert.deepEqual(tmp?.limit, {
      kind: 'disk',
      sentence: 'no space left in /tmp: used all of its 128 MiB',
    });
    assert.deepEqual(sparse?.limit, {
      kind: 'disk',
      sentence: 'killed: a file was to be larger than 128 MiB, the largest that is allowed',
    });
    assert.deepEqual(many?.limit, {
      kind: 'disk',
      sentence: 'no room for another file or folder in /work: 4196 were there, the most allowed',
    });
  });

  test("disk: a full one is told from a program's own error, and in an expired command from an endless loop", async () => {
    const fill = 'head -c 200M /dev/zero > big';
    const report = await box.run([
      // Seen by samples: it is full for as long as a busy machine needs for one.
      { cmd: `${fill}; sleep 2; rm big; false`, ...NEXT },
      { cmd: `${fill}; while :; do sleep 1; done`, timeout: 10, ...NEXT },
      { cmd: 'echo "a bug of mine" >&2; exit 3', ...NEXT },
      { cmd: 'while :; do sleep 1; done', timeout: 1, ...NEXT },
      { cmd: 'head -c 1M /dev/zero > another || exit 4', ...NEXT },
      { cmd: 'head -c 100M /dev/zero > /dev/shm/big', ...NEXT },
      { cmd: 'exec 2>&-; rm big; exit 5', ...NEXT },
    ]);
    const [cleaned, hung, own, endless, complained, shared, after] = stepsOf(report, 7);
    const full = 'no space left: used all of the 64 MiB of disk';
    assert.equal(cleaned?.limit?.sentence, full, 'what it removed before it failed was seen');
    assert.equal(hung?.timedOut, true);
    assert.deepEqual(hung?.limit, { kind: 'disk', sentence: `${full}; it went on until its time was up` });
    assert.deepEqual([own?.status, own?.limit], [3, null], 'the disk was full before');
    assert.equal(endless?.limit?.kind, 'time');
    assert.ok(complained?.status !== 0);
    assert.equal(complained?.limit?.sentence, full, String(complained?.stderr));
    assert.equal(shared?.limit?.sentence, 'no space left in /dev/shm: used all of its 16 MiB');
    assert.deepEqual([after?.status, after?.limit], [5, null]);
  });

  test('nothing: what looks like a limit, and is a program that ends itself, is told as what it is', async () => {
    const noFork = 'import os, resource; resource.setrlimit(resource.RLIMIT_NPROC, (0, 0)); os.fork()';
    const noMemory =
      'import resource; resource.setrlimit(resource.RLIMIT_AS, (1 << 28,) * 2); bytes(1 << 30)';
    const report = await box.run([
      { cmd: 'kill -KILL $$', ...NEXT },
      { cmd: 'kill -SEGV $$', ...NEXT },
      { cmd: 'kill -ALRM $$', ...NEXT },
      { cmd: 'exit 137', ...NEXT },
      { cmd: ['python3', '-c', noMemory], ...NEXT },
      { cmd: ['python3', '-c', noFork], ...NEXT },
      { cmd: 'echo "No space left on device" >&2; exit 28', ...NEXT },
      { cmd: 'exec >&- 2>&-; exit 6', ...NEXT },
    ]);
    const steps = stepsOf(report, 8);
    assert.deepEqual(
      steps.map(({ status, limit, timedOut }) => [status, limit, timedOut]),
      [-9, -11, -14, 137, 1, 1, 28, 6].map((status) => [status, null, false]),
    );
    assert.match(String(steps[4]?.stderr), /MemoryError/);
    assert.match(String(steps[5]?.stderr), /BlockingIOError/);
    assert.equal(steps[7]?.outputBytes, 0);
  });
});
