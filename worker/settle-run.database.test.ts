import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jobState } from '@orca/database';
import { BaseMissingError } from '@orca/grading';
import { FIT, startTestWork } from './testing/start-test-work.ts';
import { waitFor } from './testing/wait-for.ts';

test('settle() tells of a base image that is missing when it puts a job off', async () => {
  const reports: unknown[] = [];
  await using work = await startTestWork({
    fitness: { ...FIT, report: (error) => void reports.push(error) },
  });
  const jobId = await work.put();
  const cause = new BaseMissingError();
  (await work.grading.run(0)).end({ kind: 'not_now', sentence: cause.message, cause });
  await waitFor('the job to wait', async () => (await jobState(work.db, jobId)).kind === 'waiting');
  assert.deepEqual(reports, [cause]);
});
