import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import pg from 'pg';
import { type ClonedDatabase, cloneDatabase, makeJob, passTime } from '../testing/index.ts';
import { claimJob } from './claim.ts';
import { enqueueJob } from './enqueue.ts';
import { returnJob } from './lease.ts';
import type { JobFilter } from './line-up.ts';
import { listWaitingJobs } from './list-jobs.ts';
import { jobState } from './look.ts';
import { emptyModel, type Model, modelPassTime } from './model.ts';
import { modelPut } from './model-put.ts';
import { modelClaim, modelReturn } from './model-run.ts';

const RUNS = 30;
const OPERATIONS_MAX = 40;
const LEASE_SECONDS = 86_400;
/** Later than any release of a test, in the model's microseconds. */
const FOREVER = Number.MAX_SAFE_INTEGER / 2;

let database: ClonedDatabase;
let client: pg.Client;

before(async () => {
  database = await cloneDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});

after(async () => {
  await client.end();
  await database[Symbol.asyncDispose]();
});

/** Few names and submitters, so that jobs meet; times far enough apart for a slow machine. */
const operation = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('put' as const),
      name: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'),
      submitter: fc.constantFrom('ada', 'bob', 'cyd'),
      content: fc.constantFrom('first', 'second'),
      delaySeconds: fc.constantFrom(0, 0, 1000, 2000),
      immediate: fc.constantFrom(false, false, false, true),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('claim' as const, 'fault' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), seconds: fc.constantFrom(30, 700) }),
  },
);

type Operation = typeof operation extends fc.Arbitrary<infer Value> ? Value : never;

test('jobState() and listWaitingJobs() know the order in which the model takes jobs, whatever is done', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { maxLength: OPERATIONS_MAX, size: 'max' }), async (operations) => {
      await client.query(
        'delete from orca.deliveries; delete from orca.results; delete from orca.reservations; delete from orca.jobs',
      );
      const model = emptyModel();
      const ids = new Map<string, number>();
      for (const step of operations) {
        await perform(step, model, ids);
        const at = `after ${JSON.stringify(step)}`;
        await assertPositions(model, ids, at);
        await assertList(model, ids, at);
      }
    }),
    { numRuns: RUNS },
  );
});

async function perform(step: Operation, model: Model, ids: Map<string, number>): Promise<void> {
  const { db } = database;
  switch (step.kind) {
    case 'put': {
      const { name, submitter, ...put } = step;
      const answer = await enqueueJob(db, makeJob({ ...put, key: name, user: submitter }));
      modelPut(model, { ...put, name, submitter, image: 'ready' });
      if (answer.kind === 'queued') ids.set(name, answer.jobId);
      return;
    }
    case 'claim':
    case 'fault': {
      const claim = { workerId: 'w1', leaseSeconds: LEASE_SECONDS, graceAfterStartSeconds: 0 };
      const run = await claimJob(db, claim);
      const expected = modelClaim(model);
      if (expected?.run) expected.run.leaseUntil = FOREVER;
      assert.equal(run?.key, expected?.name);
      if (run === null || expected === null || step.kind === 'claim') return;
      await returnJob(db, { ...run, reason: 'fault', cause: 'a test' });
      modelReturn(model, expected.name, model.tokens, 'fault');
      return;
    }
    case 'pass':
      modelPassTime(model, step.seconds);
      return passTime(client, step.seconds);
    default:
      step satisfies never;
  }
}

/** Names of the jobs in the order in which the model would take them now. */
function takeAll(model: Model): string[] {
  const taken = structuredClone(model);
  const names: string[] = [];
  for (let job = modelClaim(taken); job !== null; job = modelClaim(taken)) {
    names.push(job.name);
    if (job.run) job.run.leaseUntil = FOREVER;
  }
  return names;
}

/** Each released job has as many ahead as are taken before it; the others are said to be released later. */
async function assertPositions(model: Model, ids: Map<string, number>, at: string): Promise<void> {
  const order = takeAll(model);
  for (const { name, state } of model.jobs) {
    if (state !== 'waiting') continue;
    const found = await jobState(database.db, ids.get(name) ?? 0);
    assert.ok(found.kind === 'waiting' && found.aheadIs === 'exact', at);
    const place = order.indexOf(name);
    if (place === -1) assert.ok(found.releasedInSeconds > 0, `${name} ${at}`);
    else assert.deepEqual([found.releasedInSeconds, found.ahead], [0, place], `${name} ${at}`);
  }
}

/** The list has all that wait, in the order of their places. */
async function assertList(model: Model, ids: Map<string, number>, at: string): Promise<void> {
  const sooner = structuredClone(model);
  sooner.now = FOREVER / 2;
  const expected = takeAll(sooner).map((name) => ids.get(name));
  const filters: JobFilter[] = [{ clients: null }, { clients: ['course.example.edu'] }];
  for (const filter of filters)
    for (const matches of [0, 1_000_000]) {
      const jobs = await listWaitingJobs(database.db, filter, { offset: 0, limit: 50, matches });
      assert.deepEqual(
        jobs.map(({ jobId }) => jobId),
        expected,
        at,
      );
    }
}
