import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { StepReport } from './sandbox.ts';
import { shrinkOutput } from './shrink-output.ts';

function report(step: number, stdoutBytes: number, stderrBytes: number): StepReport {
  return {
    step,
    cmd: 'x',
    stdout: Buffer.alloc(stdoutBytes, 'o'),
    stderr: Buffer.alloc(stderrBytes, 'e'),
    outputBytes: stdoutBytes + stderrBytes,
    status: 0,
    timedOut: false,
    limit: null,
    usage: { wallMs: 0, cpuMs: 0, memoryPeakBytes: 0 },
    finished: true,
  };
}

const bytesOf = (steps: readonly StepReport[]): number =>
  steps.reduce((sum, { stdout, stderr }) => sum + stdout.length + stderr.length, 0);

test('shrinkOutput() changes nothing that fits', () => {
  const steps = [report(0, 500, 500), report(1, 1_000, 0)];
  assert.deepEqual(shrinkOutput(steps, 2_000), steps);
});

test("shrinkOutput() cuts the longest in its middle, and never the last command's stdout", () => {
  const [first, last] = shrinkOutput([report(0, 4_000, 10), report(1, 6_000, 0)], 9_000);
  assert.equal(last?.stdout.length, 6_000);
  assert.equal(first?.stderr.length, 10);
  assert.match(String(first?.stdout), /^o+\n\[Orca: more was dropped here, .+\] o+$/);
});

test('shrinkOutput() brings any output below the limit, or to what is not worth a cut', () => {
  const sizes = fc.array(fc.tuple(fc.nat(5_000), fc.nat(5_000)), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(sizes, (pairs) => {
      const steps = pairs.map(([out, err], index) => report(index, out, err));
      const shrunk = shrinkOutput(steps, 6_000);
      const spared = shrunk.at(-1)?.stdout.length ?? 0;
      assert.ok(bytesOf(shrunk) <= Math.max(6_000, spared + shrunk.length * 2 * 400));
    }),
  );
});
