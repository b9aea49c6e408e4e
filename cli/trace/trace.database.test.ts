import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cancelJob, claimJob, enqueueJob, finishJob, returnJob } from '@orca/database';
import { makeJob, passTime } from '@orca/database/testing';
import { runImages, startOrca } from '../images/testing/start-orca.ts';
import type { Trace } from './trace-job.ts';

const TIMINGS = {
  ...{ queued_ms: 1, image_ms: 2, files_ms: 3, container_ms: 4, unpack_ms: 0, commands_ms: 50, total_ms: 60 },
};
const BODY = {
  ...{ key: 'k', errors: [], error_codes: [], grading_id: 'msg_1', timings: TIMINGS },
  shell_responses: [{ cmd: 'make check', stdout: '', stderr: '', usage: { wall_ms: 40 } }],
};

async function runTrace(url: string, ...args: string[]): Promise<{ status: number | null; output: string }> {
  const command = runImages(args, { ORCA_SERVER: url }, 'trace');
  return { status: await command.status, output: command.output() };
}

test('orca trace shows what the database and the worker know of a job, and says when there is none', async () => {
  await using orca = await startOrca();
  const queued = await enqueueJob(orca.db, makeJob({ key: 'k' }));
  assert.ok(queued.kind === 'queued');
  const id = String(queued.jobId);
  const waiting = await runTrace(orca.url, id);
  assert.equal(waiting.status, 0);
  assert.match(waiting.output, /^Job \d+, waiting; .*\n.*\n.* queued\n$/);

  const job = await claimJob(orca.db, { workerId: 'w', leaseSeconds: 30 });
  assert.ok(job !== null);
  const end = { ...job, outcome: 'graded', gradingId: 'msg_1', body: JSON.stringify(BODY) } as const;
  assert.equal(await finishJob(orca.db, end), true);
  const { status, output } = await runTrace(orca.url, id, '--json');
  assert.equal(status, 0);
  const trace: Trace = JSON.parse(output);
  assert.equal(trace.state, 'finished');
  const spans = new Map(trace.spans.map((span) => [span.name, span]));
  for (const [name, ms] of Object.entries({ image: 2, files: 3, container: 4, command: 40, between: 10 }))
    assert.equal([...spans].find(([known]) => known === name)?.[1].ms, ms, name);
  assert.equal(spans.get('command')?.about, 'make check');
  assert.ok(spans.has('stored'));

  const none = await runTrace(orca.url, '987654321');
  assert.equal(none.status, 1);
  assert.match(none.output, /Cannot trace job 987654321: no job of this number is known/);
});

test('orca trace names what a delayed, a running and a cancelled job do or did', async () => {
  await using orca = await startOrca();
  const queued = await enqueueJob(orca.db, makeJob({ key: 'k', delaySeconds: 3_600 }));
  assert.ok(queued.kind === 'queued');
  const { jobId } = queued;
  const spans = async (): Promise<Trace['spans']> => {
    const { status, output } = await runTrace(orca.url, String(jobId), '--json');
    assert.equal(status, 0, output);
    const trace: Trace = JSON.parse(output);
    return trace.spans;
  };
  await passTime(orca.db.url, 60);
  const [delayed, ...none] = await spans();
  assert.ok(delayed?.name === 'delayed' && delayed.ms >= 60_000 && delayed.ms < 3_600_000, 'so far');
  assert.deepEqual(none, []);

  await passTime(orca.db.url, 3_600);
  const fault = { reason: 'fault', cause: 'The engine does not answer' } as const;
  const first = await claimJob(orca.db, { workerId: 'w', leaseSeconds: 30 });
  assert.ok(first !== null && (await returnJob(orca.db, { ...first, ...fault })) === 'returned');
  await passTime(orca.db.url, 60);
  assert.ok((await claimJob(orca.db, { workerId: 'w', leaseSeconds: 30 })) !== null);
  await passTime(orca.db.url, 40);
  const running = await spans();
  assert.deepEqual(
    running.map(({ name, about }) => [name, about]),
    [
      ['delayed', 'until its release time'],
      ['queued', 'with 1 run that failed: The engine does not answer'],
      ['running', 'fetching its image and its files'],
    ],
  );
  assert.ok((running[2]?.ms ?? 0) >= 40_000);

  await cancelJob(orca.db, { jobId, clients: null });
  const cancelled = await spans();
  // Behind them there may be a try of the delivery.
  assert.deepEqual(
    cancelled.slice(0, 2).map(({ name }) => name),
    ['queued', 'running'],
  );
  assert.match(cancelled[1]?.about ?? '', /^cut off/);
});
