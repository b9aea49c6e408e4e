import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GradingResult, ShellResponse } from '@orca/protocol';
import fc from 'fast-check';
import { fitResult, levelStreams, RESULT_BYTES_MAX } from './fit-result.ts';

const MIB = 1024 * 1024;

// Texts of megabytes are compared by `ok`: the difference that `equal` would print takes minutes to find.
const response = (stdout: string, stderr = ''): ShellResponse => ({
  cmd: 'true',
  stdout,
  stderr,
  is_error: false,
  did_timeout: false,
  timed_out: false,
  status_code: 0,
});

const result = (responses: ShellResponse[], more: Partial<GradingResult> = {}): GradingResult => ({
  key: 'k',
  shell_responses: responses,
  errors: [],
  error_codes: [],
  grading_id: 'msg_1',
  ...more,
});

const bytesOf = (value: GradingResult): number => Buffer.byteLength(JSON.stringify(value));

test('levelStreams() cuts the longest to one length, so that all fill the room', () => {
  assert.equal(levelStreams([10, 20, 30], 60), Number.POSITIVE_INFINITY);
  assert.equal(levelStreams([10, 20, 30], 50), 20);
  assert.equal(levelStreams([10, 100, 100], 50), 20);
  assert.equal(levelStreams([10, 100], 0), 0);
  assert.equal(levelStreams([], 0), Number.POSITIVE_INFINITY);
});

test('fitResult() does not touch a result of exactly the limit, and cuts one of a byte more', () => {
  const whole = result([response('a'.repeat(5_000)), response('b')]);
  assert.ok(fitResult(whole, bytesOf(whole)) === whole);
  const cut = fitResult(whole, bytesOf(whole) - 1);
  assert.ok(bytesOf(cut) < bytesOf(whole));
  assert.equal(cut.shell_responses[1]?.stdout, 'b');
});

test('fitResult() cuts the longest streams to one length and leaves short ones and the last stdout whole', () => {
  const last = 'l'.repeat(MIB);
  const long = Array.from({ length: 10 }, () => response('x'.repeat(MIB), 'short'));
  const cut = fitResult(result([...long, response(last)], { output: last }));
  assert.ok(bytesOf(cut) <= RESULT_BYTES_MAX);
  assert.ok(bytesOf(cut) > RESULT_BYTES_MAX - 64 * 1024, 'the room is used');
  assert.ok(cut.output === last);
  assert.ok(cut.shell_responses.at(-1)?.stdout === last);
  for (const { stdout, stderr } of cut.shell_responses.slice(0, -1)) {
    assert.equal(stderr, 'short');
    assert.match(stdout, /\n\[Orca: \d+ bytes were cut here/);
    assert.equal(stdout.length, cut.shell_responses[0]?.stdout.length);
  }
});

test('fitResult() cuts the last stdout, and output with it, when nothing else is left to cut', () => {
  // In JSON each NUL takes six bytes.
  const last = '\u0000'.repeat(MIB);
  const cut = fitResult(result([response('x'.repeat(MIB)), response(last)], { output: last }));
  assert.ok(bytesOf(cut) <= RESULT_BYTES_MAX);
  assert.ok(bytesOf(cut) > RESULT_BYTES_MAX - 64 * 1024, 'the room is used');
  assert.ok(cut.output === cut.shell_responses[1]?.stdout);
  assert.match(cut.output ?? '', /were cut here/);
  assert.ok((cut.shell_responses[0]?.stdout.length ?? 0) > 3_000);
});

test('fitResult() leaves out records of tests that alone would fill a result, and keeps the score', () => {
  const tests = Array.from({ length: 100_000 }, (_, index) => ({
    id: String(index),
    name: 'a test with quite a long name, as those of generated tests are wont to be',
    status: 'passed' as const,
  }));
  const score = { earned: 1, available: 2 };
  const cut = fitResult(result([response('ok')], { tests, score, output: 'ok' }));
  assert.ok(cut.tests === undefined);
  assert.deepEqual(cut.score, score);
  assert.equal(cut.output, 'ok');
});

test('fitResult() keeps every result within the limit, well-formed, with all its commands', () => {
  const text = fc
    .tuple(fc.string({ unit: 'binary', maxLength: 20 }), fc.nat({ max: 500 }))
    .map(([part, times]) => part.toWellFormed().repeat(times));
  const responses = fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(
      responses,
      fc.boolean(),
      fc.integer({ min: 4_000, max: 40_000 }),
      (streams, hasOutput, limit) => {
        const all = streams.map(([stdout, stderr]) => response(stdout, stderr));
        const cut = fitResult(result(all, hasOutput ? { output: all.at(-1)?.stdout ?? '' } : {}), limit);
        assert.ok(bytesOf(cut) <= limit);
        assert.equal(cut.shell_responses.length, all.length);
        assert.ok(
          JSON.parse(JSON.stringify(cut)).shell_responses.every((one: ShellResponse) =>
            one.stdout.isWellFormed(),
          ),
        );
        assert.ok(cut.output === (hasOutput ? cut.shell_responses.at(-1)?.stdout : undefined));
      },
    ),
    { numRuns: 200 },
  );
});
