import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FlatStep, GradingResult } from '@orca/protocol';
import { OUTPUT_HEAD_BYTES, OUTPUT_TAIL_BYTES } from '@orca/protocol/sandbox-plan';
import { buildErrorResult, buildResult, type FinalEnding } from './build-result.ts';
import type { StepReport } from './sandbox/sandbox.ts';

const FOLDERS = { downloaded: '/work/downloaded', extracted: '/work/extracted', build: '/work/build' };
const TIMINGS = {
  queued_ms: 1,
  image_ms: 2,
  files_ms: 3,
  container_ms: 4,
  unpack_ms: 0,
  commands_ms: 5,
  total_ms: 15,
};
const FRAME = { key: '{"secret":"\\u0000 \u{1F40B}"}', gradingId: 'msg_17', timings: TIMINGS };

const shell = (cmd: string | string[]): FlatStep => ({
  kind: 'shell',
  path: 'script[0]',
  cmd,
  workingDir: null,
  timeoutSeconds: 60,
  keepProcesses: false,
  onSuccess: 'output',
  onFailure: 'abort',
});

const ran = (step: number, changes: Partial<StepReport> = {}): StepReport => ({
  step,
  cmd: 'as the harness saw it',
  stdout: Buffer.from(''),
  stderr: Buffer.from(''),
  outputBytes: 0,
  status: 0,
  timedOut: false,
  limit: null,
  usage: { wallMs: 10, cpuMs: 5, memoryPeakBytes: 1_000 },
  finished: true,
  ...changes,
});

function build(
  steps: StepReport[],
  ending: FinalEnding,
  script: FlatStep[] = steps.map(() => shell('true')),
): GradingResult {
  const timings = { containerMs: 4, unpackMs: 1, commandsMs: 5 };
  const report = { steps, ending, folders: FOLDERS, timings };
  return JSON.parse(buildResult({ report, ending }, script, FRAME));
}

test('buildResult() has the fields of the contract, in its order, and the key byte for byte', () => {
  const stdout = Buffer.from('hello\n');
  const result = build([ran(0, { stdout, outputBytes: 6 })], { kind: 'output', step: 0 }, [
    shell(['echo', 'hello']),
  ]);
  assert.deepEqual(result, {
    key: FRAME.key,
    shell_responses: [
      {
        cmd: ['echo', 'hello'],
        stdout: 'hello',
        stderr: '',
        is_error: false,
        did_timeout: false,
        timed_out: false,
        status_code: 0,
        usage: { wall_ms: 10, cpu_ms: 5, memory_peak_bytes: 1_000, output_bytes: 6 },
      },
    ],
    errors: [],
    output: 'hello',
    error_codes: [],
    timings: TIMINGS,
    grading_id: 'msg_17',
  });
});

test('buildResult() shows commands as written and the folders as variables, the longest path first', () => {
  const stdout = Buffer.from(
    '/work/build/Main /work/build. /work/builder /work/build-x (/work/extracted)\n\n',
  );
  const stderr = Buffer.from('cd /work/downloaded: no \t\n');
  const result = build([ran(0, { stdout, stderr })], { kind: 'output', step: 0 }, [
    shell('ls $BUILD /work/build'),
  ]);
  const [response] = result.shell_responses;
  assert.equal(response?.cmd, 'ls $BUILD $BUILD');
  assert.equal(response?.stdout, '$BUILD/Main /work/build. /work/builder /work/build-x ($EXTRACTED)');
  assert.equal(response?.stderr, 'cd $DOWNLOADED: no');
  assert.equal(result.output, response?.stdout);
});

test('buildResult() says failure, signal and time-out as the contract has them', () => {
  const limit = {
    kind: 'memory',
    sentence: 'killed: used more than 64 MiB of memory in /work/build',
  } as const;
  const result = build(
    [ran(0, { status: 3 }), ran(1, { status: -9, limit }), ran(2, { status: null, timedOut: true })],
    { kind: 'abort' },
  );
  const facts = result.shell_responses.map((one) => [
    one.is_error,
    one.did_timeout,
    one.timed_out,
    one.status_code,
  ]);
  assert.deepEqual(facts, [
    [true, false, false, 3],
    [true, false, false, -9],
    [true, true, true, null],
  ]);
  assert.deepEqual(result.shell_responses[1]?.limit, {
    kind: 'memory',
    sentence: 'killed: used more than 64 MiB of memory in $BUILD',
  });
  assert.equal('limit' in (result.shell_responses[0] ?? {}), false);
  assert.equal('output' in result, false);
});

test('buildResult() gives output only of the command that ended the script with it, though others printed', () => {
  const steps = [ran(0, { stdout: Buffer.from('one') }), ran(2, { stdout: Buffer.from('two') })];
  const script = [shell('a'), shell('skipped'), shell('c')];
  const result = build(steps, { kind: 'output', step: 2 }, script);
  assert.equal(result.output, 'two');
  assert.deepEqual(
    result.shell_responses.map((one) => one.cmd),
    ['a', 'c'],
  );
});

test('buildResult() names a limit that ended the job, and keeps what ran before it', () => {
  const running = ran(1, { stdout: Buffer.from('so far'), finished: false, timedOut: true, status: null });
  const ending = { kind: 'limit', sentence: 'The job ran longer than its 3 s, in /work/build' } as const;
  const result = build([ran(0, { stdout: Buffer.from('before') }), running], ending);
  assert.deepEqual(result.errors, ['LimitExceeded: The job ran longer than its 3 s, in $BUILD']);
  assert.deepEqual(result.error_codes, ['LimitExceeded']);
  assert.deepEqual(
    result.shell_responses.map((one) => one.stdout),
    ['before', 'so far'],
  );
});

test('buildResult() names the file of a refused archive', () => {
  const result = build([], {
    kind: 'refused',
    file: 'student',
    sentence: 'unsafe path "../evil" in archive',
  });
  assert.deepEqual(result.errors, ['ArchiveRefused: files.student: unsafe path "../evil" in archive']);
  assert.deepEqual(result.error_codes, ['ArchiveRefused']);
  assert.deepEqual(result.shell_responses, []);
});

test('buildResult() replaces bytes that are no UTF-8 and keeps every other character', () => {
  const stdout = Buffer.from([
    0xef, 0xbb, 0xbf, 0x61, 0xff, 0x00, 0xed, 0xa0, 0x80, 0xf0, 0x9f, 0x90, 0x8b, 0x62,
  ]);
  const result = build([ran(0, { stdout })], { kind: 'output', step: 0 });
  assert.equal(result.output, '\ufeffa\ufffd\u0000\ufffd\ufffd\ufffd\u{1F40B}b');
});

test('buildResult() reads tests and score from an output that is TAP, and from no other', () => {
  const tap = 'TAP version 13\n1..2\nok 1 adds\n  ---\n  weight: 2\n  ...\nnot ok 2 divides\n';
  const result = build([ran(0, { stdout: Buffer.from(tap) })], { kind: 'output', step: 0 });
  assert.deepEqual(
    result.tests?.map(({ name, status }) => [name, status]),
    [
      ['adds', 'passed'],
      ['divides', 'failed'],
    ],
  );
  assert.deepEqual(result.score, { earned: 2, available: 3 });
  const aborted = build([ran(0, { stdout: Buffer.from(tap) })], { kind: 'abort' });
  assert.equal(aborted.tests, undefined);
});

test('buildResult() keeps a flood of output within 8 MiB', () => {
  const stdout = Buffer.alloc(1024 * 1024, 'x');
  const steps = Array.from({ length: 12 }, (_, step) => ran(step, { stdout, stderr: stdout }));
  const timings = { containerMs: 0, unpackMs: 0, commandsMs: 0 };
  const ending = { kind: 'output', step: 11 } as const;
  const report = { steps, ending, folders: FOLDERS, timings };
  const body = buildResult(
    { report, ending },
    steps.map(() => shell('true')),
    FRAME,
  );
  assert.ok(Buffer.byteLength(body) <= 8 * 1024 * 1024);
  const result: GradingResult = JSON.parse(body);
  assert.ok(result.output === 'x'.repeat(1024 * 1024));
});

test('buildErrorResult() tells what went wrong before anything ran', () => {
  const errors = [
    { kind: 'FileFetchFailed', sentence: 'Cannot fetch the file "a": the server answered 404' },
  ] as const;
  const result: GradingResult = JSON.parse(buildErrorResult(errors, FRAME));
  assert.deepEqual(result, {
    key: FRAME.key,
    shell_responses: [],
    errors: ['FileFetchFailed: Cannot fetch the file "a": the server answered 404'],
    error_codes: ['FileFetchFailed'],
    timings: TIMINGS,
    grading_id: 'msg_17',
  });
});

test('buildResult() takes no half of a line that was cut for a line of the report', () => {
  const head = '1..3\nok 1\nnot ok 2\n'.padEnd(OUTPUT_HEAD_BYTES - 'ok 3'.length, '\n').concat('ok 3');
  const tail = ' TOTAL POINTS: 999\n'.padEnd(OUTPUT_TAIL_BYTES, '\n');
  const stdout = Buffer.from(`${head}\n[Orca: 9 bytes were dropped here] #${tail}`);
  const result = build([ran(0, { stdout })], { kind: 'output', step: 0 });
  assert.deepEqual(result.score, { earned: 1, available: 3 });
  assert.equal(result.tests?.find(({ id }) => id === '3')?.message, 'Planned, but never reported');
  assert.ok(result.output?.includes('ok 3\n[Orca: 9 bytes were dropped here] # TOTAL POINTS: 999'));
});
