import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Value } from 'typebox/value';
import {
  type GradingResult,
  GradingResultSchema,
  RESULT_ERRORS,
  resultWithoutCommands,
} from './grading-result.ts';

test('resultWithoutCommands() is a whole result with one error', () => {
  const result = resultWithoutCommands({
    key: 'k',
    gradingId: 'msg_1',
    kind: 'InfrastructureFailed',
    sentence: 'The engine did not answer',
  });
  assert.deepEqual(result, {
    key: 'k',
    shell_responses: [],
    errors: ['InfrastructureFailed: The engine did not answer'],
    error_codes: ['InfrastructureFailed'],
    grading_id: 'msg_1',
  });
  assert.ok(Value.Check(GradingResultSchema, result));
});

test('GradingResultSchema knows every kind of error in the table, and no other', () => {
  const result = resultWithoutCommands({ key: 'k', gradingId: 'msg_1', kind: 'JobCancelled', sentence: 's' });
  for (const kind of Object.keys(RESULT_ERRORS)) {
    assert.ok(Value.Check(GradingResultSchema, { ...result, error_codes: [kind] }), kind);
  }
  assert.ok(!Value.Check(GradingResultSchema, { ...result, error_codes: ['Other'] }));
});

test('GradingResultSchema takes a result with all that is new', () => {
  const result: GradingResult = {
    key: 'k',
    shell_responses: [
      {
        cmd: ['sleep', '9'],
        stdout: '',
        stderr: '',
        is_error: true,
        did_timeout: true,
        timed_out: true,
        status_code: null,
        usage: { wall_ms: 1, cpu_ms: 1, memory_peak_bytes: 1, output_bytes: 0 },
        limit: { kind: 'time', sentence: 'killed: ran longer than 1 s' },
      },
    ],
    errors: [],
    error_codes: [],
    timings: {
      queued_ms: 1,
      image_ms: 1,
      files_ms: 1,
      container_ms: 1,
      unpack_ms: 1,
      commands_ms: 1,
      total_ms: 5,
    },
    tests: [{ id: '1', name: 'adds', status: 'passed', score: 1, max_score: 1 }],
    score: { earned: 1, available: 1 },
    grading_id: 'msg_1',
  };
  assert.ok(Value.Check(GradingResultSchema, result));
});
