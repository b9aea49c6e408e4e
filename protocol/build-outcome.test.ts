import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Value } from 'typebox/value';
import { BUILD_LOG_BYTES_MAX, type BuildReport, buildOutcome } from './build-outcome.ts';
import { ImageBuildOutcomeSchema } from './image-build.ts';
import { cpuMsOf } from './testing/cpu-ms.ts';

const report: BuildReport = {
  sha: 'ab12',
  wasSuccessful: true,
  reason: null,
  steps: [],
  notes: [],
  durationMs: 43_200,
  imageBytes: 512 * 1024 * 1024,
};

/** Bytes of all texts of a log. */
function bytesOf(logs: ReturnType<typeof buildOutcome>['logs']): number {
  return Buffer.byteLength(logs.map(({ step, output = '', error = '' }) => step + output + error).join(''));
}

test('buildOutcome() names the image first, then the remarks, then the steps', () => {
  const steps = [
    { step: 'Step 1/2 : FROM x', output: ' ---> 1\n' },
    { step: 'Step 2/2', output: '' },
  ];
  assert.deepEqual(buildOutcome({ ...report, steps, notes: ['CMD is ignored'] }), {
    was_successful: true,
    logs: [
      { step: 'grader image ab12', output: 'built in 43 s, 512 MiB' },
      { step: 'note', output: 'CMD is ignored' },
      { step: 'Step 1/2 : FROM x', output: ' ---> 1\n' },
      { step: 'Step 2/2', output: '' },
    ],
  });
  const quick = buildOutcome({ ...report, durationMs: 3, imageBytes: null });
  assert.equal(quick.logs[0]?.output, 'built in 1 s');
});

test('buildOutcome() of a failed build says why, in the first entry and in the failing step', () => {
  const failed = { ...report, wasSuccessful: false, imageBytes: null };
  const steps = [{ step: 'RUN x', output: '\u001b[31mno\u001b[0m\u0000\ud800\r\n', error: 'returned\n1' }];
  assert.deepEqual(buildOutcome({ ...failed, reason: 'RUN x returned 1', steps }), {
    was_successful: false,
    logs: [
      { step: 'grader image ab12', error: 'RUN x returned 1' },
      { step: 'RUN x', output: 'no\ufffd\n', error: 'returned 1' },
    ],
  });
  assert.equal(buildOutcome(failed).logs[0]?.error, 'the build failed');
});

test('buildOutcome() keeps a log at the limit whole, and one byte past it without its oldest output', () => {
  const room =
    BUILD_LOG_BYTES_MAX - Buffer.byteLength('grader image ab12built in 43 s, 512 MiB') - 'step'.length * 2;
  const logOf = (first: number): ReturnType<typeof buildOutcome>['logs'] =>
    buildOutcome({
      ...report,
      steps: [
        { step: 'ste1', output: 'a'.repeat(first) },
        { step: 'ste2', output: 'b'.repeat(1000) },
      ],
    }).logs;
  const whole = logOf(room - 1000);
  assert.equal(bytesOf(whole), BUILD_LOG_BYTES_MAX);
  assert.deepEqual(
    whole.map(({ step }) => step),
    ['grader image ab12', 'ste1', 'ste2'],
  );
  const [, omission, cut, last] = logOf(room - 999);
  assert.deepEqual(last, { step: 'ste2', output: 'b'.repeat(1000) });
  const dropped = room - 999 - (cut?.output?.length ?? 0);
  assert.ok(dropped > 0 && dropped <= 201, `${dropped}`);
  assert.deepEqual(omission, { step: 'left out', output: `${dropped} bytes of the older log` });
  assert.ok(bytesOf(logOf(room * 20)) <= BUILD_LOG_BYTES_MAX);
});

test('buildOutcome() leaves out whole steps where there are many, never half a character', () => {
  const steps = Array.from({ length: 5000 }, (_, n) => ({ step: `step ${n}`, output: '🎓é'.repeat(10) }));
  const { logs } = buildOutcome({ ...report, steps });
  assert.ok(bytesOf(logs) <= BUILD_LOG_BYTES_MAX && bytesOf(logs) > BUILD_LOG_BYTES_MAX - 400);
  assert.match(logs[1]?.output ?? '', /^\d+ bytes of the older log, with \d+ whole steps$/);
  assert.equal(logs.at(-1)?.step, 'step 4999');
  assert.ok(logs.every(({ output = '' }) => !output.includes('\ufffd')));
  assert.equal(
    bytesOf(logs.slice(2)) + Number.parseInt(logs[1]?.output ?? '', 10),
    bytesOf(buildLogs(steps)),
  );
});

test('buildOutcome() cuts the output of one step between characters, wherever the limit falls', () => {
  for (const end of ['', 'x', 'xx', 'xxx']) {
    const { logs } = buildOutcome({ ...report, steps: [{ step: 'RUN', output: '🎓'.repeat(20_000) + end }] });
    assert.match(logs[2]?.output ?? '', /^🎓+x*$/u);
    assert.ok(bytesOf(logs) <= BUILD_LOG_BYTES_MAX && bytesOf(logs) > BUILD_LOG_BYTES_MAX - 400);
  }
});

function buildLogs(steps: BuildReport['steps']): ReturnType<typeof buildOutcome>['logs'] {
  return steps.map(({ step, output }) => ({ step, output }));
}

test('buildOutcome() keeps its limit and its shape, whatever it is given', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.string({ unit: 'binary', maxLength: 30 }).map((part) => part.repeat(3000)),
  );
  const step = fc.record({ step: text, output: text, error: text }, { requiredKeys: ['step', 'output'] });
  const any = fc.record({
    sha: fc.string(),
    wasSuccessful: fc.boolean(),
    reason: fc.option(text),
    steps: fc.array(step, { maxLength: 6 }),
    notes: fc.array(text, { maxLength: 30 }),
    durationMs: fc.nat(),
    imageBytes: fc.option(fc.nat()),
  });
  fc.assert(
    fc.property(any, (each) => {
      const outcome = buildOutcome(each);
      assert.ok(Value.Check(ImageBuildOutcomeSchema, outcome));
      assert.ok(bytesOf(outcome.logs) <= BUILD_LOG_BYTES_MAX);
      for (const entry of outcome.logs) {
        for (const member of Object.values(entry)) {
          assert.ok(member.isWellFormed());
          assert.doesNotMatch(member, /[\0\u001b]/);
        }
      }
    }),
    { numRuns: 200 },
  );
});

test('buildOutcome() takes linear time for a log of many steps', () => {
  const steps = Array.from({ length: 20_000 }, (_, n) => ({ step: `${n}`, output: 'x'.repeat(50) }));
  const took = cpuMsOf(() => buildOutcome({ ...report, steps }));
  assert.ok(took < 1000, `${took} ms`);
});
