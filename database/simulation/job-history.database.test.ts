import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cancelJob } from '../queue/cancel.ts';
import { claimJob } from '../queue/claim.ts';
import { enqueueJob } from '../queue/enqueue.ts';
import { finishJob } from '../queue/finish.ts';
import { cloneDatabase, type MadeJob, makeJob, passTime } from '../testing/index.ts';
import { listJobHistory } from './job-history.ts';

const HOUR = 3_600;

test('listJobHistory() tells when each job came and how long it was graded, and nothing of cancelled ones', async () => {
  await using database = await cloneDatabase();
  const { db, url } = database;
  assert.deepEqual(await listJobHistory(db, HOUR), []);
  const put = async (made: MadeJob): Promise<number> => {
    const queued = await enqueueJob(db, makeJob(made));
    return queued.kind === 'queued' ? queued.jobId : assert.fail(queued.kind);
  };
  const grade = async (seconds: number): Promise<void> => {
    const claimed = await claimJob(db, { workerId: 'w1', leaseSeconds: HOUR });
    assert.ok(claimed !== null);
    await passTime(url, seconds);
    const { jobId, leaseToken } = claimed;
    const end = { outcome: 'graded', gradingId: `msg_${jobId}`, body: '{}' } as const;
    assert.ok(await finishJob(db, { jobId, leaseToken, ...end }));
  };
  await put({ key: 'first', user: 'ada' });
  await grade(7);
  await put({ key: 'urgent', user: 'bob', immediate: true });
  await put({ key: 'late', user: 'ada', delaySeconds: 20 });
  const cancelled = await put({ key: 'cancelled', user: 'bob' });
  await cancelJob(db, { jobId: cancelled, clients: null });
  await grade(30);
  await grade(5);

  const history = await listJobHistory(db, HOUR);
  const [first, urgent, late] = history;
  assert.equal(history.length, 3);
  assert.equal(first?.atSeconds, 0);
  for (const [job, at, grading] of [
    [first, 0, 7],
    [urgent, 7, 30],
    [late, 7, 5],
  ] as const) {
    assert.ok(Math.abs((job?.atSeconds ?? -1) - at) < 5, `${job?.atSeconds}`);
    assert.ok(Math.abs((job?.gradingSeconds ?? -1) - grading) < 5, `${job?.gradingSeconds}`);
  }
  assert.deepEqual(
    history.map(({ delaySeconds, isImmediate }) => [delaySeconds, isImmediate]),
    [
      [0, false],
      [0, true],
      [20, false],
    ],
  );
  assert.equal(first?.submitter, late?.submitter);
  assert.notEqual(first?.submitter, urgent?.submitter);
  assert.equal((await listJobHistory(db, 10)).length, 0, 'all of it came longer ago');
});
