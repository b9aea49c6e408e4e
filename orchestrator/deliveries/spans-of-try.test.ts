import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resultWithoutCommands } from '@orca/protocol';
import type { Tried } from './deliver.ts';
import { spansOfTry } from './spans-of-try.ts';

const TRIED: Tried = {
  kind: 'result',
  jobId: 17,
  webhookId: 'msg_1',
  attempt: 2,
  body: '{"key":"k","shell_responses":[],"error_codes":[],"timings":{"queued_ms":1},"grading_id":"msg_1"}',
  outcome: 'delivered',
  statusCode: 200,
  durationMs: 30,
};

test("spansOfTry() puts a result's POST into the trace of its job", () => {
  assert.deepEqual(spansOfTry(TRIED, 1_000), [
    {
      ...{ trace: 'msg_1', name: 'delivery', fromMs: 970, toMs: 1_000 },
      attributes: {
        'orca.job_id': 17,
        'orca.attempt': 2,
        'orca.outcome': 'delivered',
        'http.response.status_code': 200,
      },
    },
  ]);
  const [unanswered] = spansOfTry({ ...TRIED, statusCode: null, outcome: 'retry' }, 1_000);
  assert.equal(Object.hasOwn(unanswered?.attributes ?? {}, 'http.response.status_code'), false);
});

test('spansOfTry() is a part of nothing where no run made the result, whatever its texts say', () => {
  for (const kind of ['JobCancelled', 'InfrastructureFailed', 'ImageBuildFailed'] as const) {
    const result = resultWithoutCommands({ key: '"timings":{}', gradingId: 'msg_1', kind, sentence: 'No' });
    const [span] = spansOfTry({ ...TRIED, body: JSON.stringify(result) }, 1_000);
    assert.partialDeepStrictEqual(span, { trace: 'msg_1', name: 'delivery', isAlone: true });
  }
});

test('spansOfTry() has none for statuses and outcomes of images', () => {
  assert.deepEqual(spansOfTry({ ...TRIED, kind: 'status' }, 1_000), []);
  assert.deepEqual(spansOfTry({ ...TRIED, kind: 'image', jobId: null }, 1_000), []);
});
