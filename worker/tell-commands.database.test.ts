import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLogger } from '@orca/daemon';
import { claimJob, type Database, enqueueJob, eventsMark, jobState, readEvents } from '@orca/database';
import { cloneDatabase, makeJob } from '@orca/database/testing';
import type { SandboxEvent } from '@orca/grading';
import { startTestWork } from './testing/start-test-work.ts';
import { waitFor } from './testing/wait-for.ts';
import { createCommandTeller } from './tell-commands.ts';

const SILENT = createLogger({ name: 'test', level: 'silent', pretty: false });
const MIB = 1024 * 1024;
/** For what a teller gathers, and one statement. */
const LONG_ENOUGH_MS = 500;

function printed(stdout: string): SandboxEvent {
  const usage = { wallMs: 12.4, cpuMs: 1, memoryPeakBytes: 1 };
  const output = { stdout: Buffer.from(stdout), stderr: Buffer.alloc(0), outputBytes: stdout.length };
  const ended = { status: 1, timedOut: false, limit: null, usage, finished: true };
  return {
    kind: 'step_finished',
    report: { step: 0, cmd: 'cat /work/build/x', ...output, ...ended },
    folders: { downloaded: '/work/downloaded', extracted: '/work/extracted', build: '/work/build' },
  };
}

async function commandsOf(db: Database, jobId: number) {
  const { upTo } = await eventsMark(db);
  const events = await readEvents(db, { kind: 'job', jobId }, { after: 0, upTo, limit: 100 });
  return events.filter(({ kind }) => kind === 'command').map(({ facts }) => Object(facts));
}

test('a run tells of each command before its result is stored, with its folders hidden and its output cut', async () => {
  await using work = await startTestWork();
  const jobId = await work.put({ script: [{ cmd: 'cat $BUILD/x', on_complete: 'output' }] });
  const run = await work.grading.run(0);
  run.say(printed('in /work/build/x\0\n'));
  run.say(printed('x'.repeat(MIB)));
  run.finish();
  await waitFor('the end', async () => (await jobState(work.db, jobId)).kind === 'finished');
  // The mark of a transaction stands for a moment longer than what it wrote is hidden.
  await waitFor('the events', async () => (await commandsOf(work.db, jobId)).length === 2);
  const [first, second, ...others] = await commandsOf(work.db, jobId);
  assert.deepEqual(first, {
    ...{
      step: 0,
      cmd: 'cat $BUILD/x',
      stdout: 'in $BUILD/x\0',
      stderr: '',
      is_error: true,
      timed_out: false,
    },
    ...{ status_code: 1, wall_ms: 12, output_bytes: 18 },
  });
  assert.equal(second.output_bytes, MIB);
  assert.ok(
    second.stdout.length <= 16 * 1024 && second.stdout.includes('were cut here, the result has them'),
    'it is cut',
  );
  assert.equal(others.length, 0);
});

test('createCommandTeller() tells at most a MiB for a run, and nothing for one that lost its job', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await enqueueJob(db, makeJob());
  const job = await claimJob(db, { workerId: 'w', leaseSeconds: 60 });
  assert.ok(job !== null);
  const lost = createCommandTeller({ ...job, leaseToken: randomUUID() }, { db, log: SILENT });
  lost.tell({ step: 99 });
  await sleep(LONG_ENOUGH_MS);
  await lost.end();
  const teller = createCommandTeller(job, { db, log: SILENT });
  for (let step = 0; step < 40; step += 1) teller.tell({ step, stdout: 'x'.repeat(MIB / 16) });
  await waitFor('the events', async () => (await commandsOf(db, job.jobId)).length === 15);
  assert.deepEqual(await teller.end(), []);
  const steps = (await commandsOf(db, job.jobId)).map(({ step }) => step);
  assert.deepEqual(
    steps,
    Array.from({ length: 15 }, (_, step) => step),
  );
});

test('createCommandTeller() tells of commands that end one upon the other in one statement', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await enqueueJob(db, makeJob());
  const job = await claimJob(db, { workerId: 'w', leaseSeconds: 60 });
  assert.ok(job !== null);
  let statements = 0;
  const counting: Database = {
    ...db,
    query(statement, parameters) {
      statements += 1;
      return db.query(statement, parameters);
    },
  };
  const teller = createCommandTeller(job, { db: counting, log: SILENT });
  for (const step of [0, 1, 2]) teller.tell({ step });
  await waitFor('the events', async () => (await commandsOf(db, job.jobId)).length === 3);
  assert.equal(statements, 1);
  for (const step of [3, 4]) teller.tell({ step });
  assert.deepEqual(await teller.end(), [{ step: 3 }, { step: 4 }], 'they go with the result');
  assert.equal(statements, 1);
  assert.deepEqual(
    (await commandsOf(db, job.jobId)).map(({ step }) => step),
    [0, 1, 2],
  );
});
