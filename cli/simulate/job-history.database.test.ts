import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { claimJob, enqueueJob, finishJob } from '@orca/database';
import { cloneDatabase, makeJob } from '@orca/database/testing';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

test('orca simulate --job-history replays what was graded, and says when there was nothing', async () => {
  await using database = await cloneDatabase();
  const { db, url } = database;
  const simulate = () =>
    promisify(execFile)(process.execPath, [MAIN, 'simulate', '--job-history', '1', '--json'], {
      env: { POSTGRES_URL: url },
    });
  await assert.rejects(simulate(), /Cannot replay the last 1 hours: nothing that came in them was graded/);
  for (const user of ['ada', 'bob']) await enqueueJob(db, makeJob({ key: `of ${user}`, user }));
  for (let claimed = await claim(); claimed !== null; claimed = await claim()) {
    const { jobId, leaseToken } = claimed;
    const end = { outcome: 'graded', gradingId: `msg_${jobId}`, body: '{}' } as const;
    await finishJob(db, { jobId, leaseToken, ...end });
  }
  const report = JSON.parse((await simulate()).stdout);
  assert.equal(report.submissions, 2);
  assert.equal(report.submitters, 2);

  function claim() {
    return claimJob(db, { workerId: 'w1', leaseSeconds: 60 });
  }
});
