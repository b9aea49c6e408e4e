import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger, type Span } from '@orca/daemon';
import { type ClaimedJob, cancelJob, claimJob, type Database } from '@orca/database';
import { createLiveRuns } from './live-runs.ts';
import { type RunDeps, runJob } from './run-job.ts';
import { createFakeGrading } from './testing/fake-grading.ts';
import { FIT, startTestWork } from './testing/start-test-work.ts';

const log = createLogger({ name: 'test', level: 'silent', pretty: false });

/** What a run needs; nobody tells it when its job is no longer ours. */
function depsOf(db: Database, changes: Pick<RunDeps, 'grading' | 'spans'>): RunDeps {
  return {
    ...{ db, log, fitness: FIT, runs: createLiveRuns(), overheadSeconds: 600 },
    endOfLife: new AbortController().signal,
    keeper: { keep: () => () => undefined, [Symbol.asyncDispose]: async () => undefined },
    imageUses: { note: () => undefined },
    metrics: { noteRun: () => undefined, noteContainer: () => undefined },
    gate: () => undefined,
    ...changes,
  };
}

test('runJob() sends the spans of a run whose result is stored, and none of one whose job is no longer ours', async () => {
  await using work = await startTestWork();
  await work.stop();
  const spansOf = async (key: string, meanwhile: (job: ClaimedJob) => Promise<unknown>): Promise<Span[]> => {
    await work.put({ key });
    const job = await claimJob(work.db, { workerId: 'w', leaseSeconds: 60 });
    assert.ok(job !== null);
    const grading = createFakeGrading();
    const sent: Span[] = [];
    const deps = depsOf(work.db, { grading, spans: { add: (spans) => void sent.push(...spans) } });
    const running = runJob(job, deps, () => null);
    const run = await grading.run(0);
    await meanwhile(job);
    run.finish();
    assert.equal(await running, null);
    return sent;
  };
  const stored = await spansOf('ours', async () => undefined);
  assert.equal(stored.filter(({ isRoot }) => isRoot).length, 1);
  const cancel = ({ jobId }: ClaimedJob) => cancelJob(work.db, { jobId, clients: null });
  const lost = await spansOf('cancelled', cancel);
  assert.deepEqual(lost, []);
});
