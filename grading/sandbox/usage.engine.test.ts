import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openTestSandbox, type TestSandbox } from './testing/open-test-sandbox.ts';
import { NEXT, OUTPUT, stepsOf } from './testing/steps-of.ts';

const KIB = 1024;

describe('what a command uses', () => {
  let box: TestSandbox;
  before(async () => {
    box = await openTestSandbox();
  });
  after(() => box[Symbol.asyncDispose]());

  test('usage: every command has its times, its memory and its bytes', async () => {
    const work =
      'import time\nx = b"x" * (30 << 20)\nwhile time.process_time() < 0.5: pass\nprint("y" * 9999)';
    const report = await box.run([
      { cmd: ['python3', '-c', work], ...NEXT },
      { cmd: ['sleep', '0.5'], ...NEXT },
    ]);
    const [busy, idle] = stepsOf(report, 2);
    assert.ok((busy?.usage.cpuMs ?? 0) >= 400, `${busy?.usage.cpuMs} ms of work`);
    assert.ok((busy?.usage.wallMs ?? 0) >= (busy?.usage.cpuMs ?? 0) / 2);
    assert.ok((busy?.usage.memoryPeakBytes ?? 0) > 30 * KIB * KIB);
    assert.equal(busy?.outputBytes, 10_000);
    assert.ok((idle?.usage.wallMs ?? 0) >= 500);
    assert.ok((idle?.usage.cpuMs ?? 0) < (busy?.usage.cpuMs ?? 0), `${idle?.usage.cpuMs} ms of sleep`);
    assert.equal(idle?.outputBytes, 0);
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
    assert.ok(text.includes(`\n[Orca: ${dropped} bytes were dropped here] xxx`));
    assert.equal(
      flood?.limit?.sentence,
      'printed too much: of its 100000011 bytes of output the middle was dropped; 1 MiB of each stream is kept',
    );
    assert.equal(atLimit?.limit, null);
    assert.equal(atLimit?.stdout.length, 1_024 * KIB);
    assert.equal(pastLimit?.limit?.kind, 'output');
    assert.equal(closed?.status, 0);
  });
});
