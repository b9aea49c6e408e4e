import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import pg from 'pg';
import { type ClonedDatabase, cloneDatabase, makeJob, passTime } from '../testing/index.ts';
import { claimJob } from './claim.ts';
import { enqueueJob } from './enqueue.ts';
import { finishJob } from './finish.ts';
import { identifyJob } from './identify.ts';
import { renewLease, returnJob } from './lease.ts';
import {
  emptyModel,
  inLine,
  MODEL_LEASE_SECONDS,
  type Model,
  modelClaim,
  modelFinish,
  modelPassTime,
  modelPut,
  modelRenew,
  modelReturn,
} from './model.ts';

const RUNS = 40;
const OPERATIONS_MAX = 80;
const BUILDING_SHA = 'b'.repeat(64);
const UNKNOWN_SHA = 'c'.repeat(64);

let database: ClonedDatabase;
let client: pg.Client;

before(async () => {
  database = await cloneDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(
    `insert into orca.images (sha, dockerfile, state) values ($1, 'FROM orca-grader-base\nRUN true', 'queued')`,
    [BUILDING_SHA],
  );
});

after(async () => {
  await client.end();
  await database[Symbol.asyncDispose]();
});

type Operation =
  | {
      kind: 'put';
      name: string;
      submitter: string;
      content: string;
      image: 'ready' | 'building' | 'unknown';
      delaySeconds: number;
      immediate: boolean;
    }
  | { kind: 'claim' }
  | { kind: 'renew' | 'finish' | 'shutdown' | 'fault'; run: number }
  | { kind: 'pass'; seconds: number };

/** Few names and submitters, so that they meet; times far enough apart for a slow machine. */
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('put' as const),
      name: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
      submitter: fc.constantFrom('ada', 'bob'),
      content: fc.constantFrom('first', 'second'),
      image: fc.oneof(
        { weight: 5, arbitrary: fc.constant('ready' as const) },
        { weight: 2, arbitrary: fc.constant('building' as const) },
        { weight: 1, arbitrary: fc.constant('unknown' as const) },
      ),
      delaySeconds: fc.constantFrom(0, 0, 1000, 2000),
      immediate: fc.oneof(
        { weight: 3, arbitrary: fc.constant(false) },
        { weight: 1, arbitrary: fc.constant(true) },
      ),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('claim' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('renew' as const, 'finish' as const, 'shutdown' as const, 'fault' as const),
      run: fc.nat(3),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), seconds: fc.constantFrom(100, 700, 1000) }),
  },
);

/** What the model's tokens are in the database. */
type Runs = { name: string; modelToken: number; jobId: number; leaseToken: string }[];

test('the queue does what the model does, whatever is done to it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { maxLength: OPERATIONS_MAX, size: 'max' }), async (operations) => {
      await client.query(
        'delete from orca.deliveries; delete from orca.results; delete from orca.reservations; delete from orca.jobs',
      );
      const model = emptyModel();
      const runs: Runs = [];
      for (const step of operations) {
        await perform(step, model, runs);
        assert.deepEqual(await readDatabase(), describeModel(model), `after ${JSON.stringify(step)}`);
        await assertServed();
      }
    }),
    { numRuns: RUNS },
  );
});

async function perform(step: Operation, model: Model, runs: Runs): Promise<void> {
  const { db } = database;
  switch (step.kind) {
    case 'put':
      return performPut(step, model);
    case 'claim': {
      const claimed = await claimJob(db, {
        workerId: 'w1',
        leaseSeconds: MODEL_LEASE_SECONDS,
        graceAfterStartSeconds: 0,
      });
      const expected = modelClaim(model);
      assert.equal(claimed?.key, expected?.name);
      assert.equal(claimed?.generation, expected?.generation);
      assert.equal(claimed?.attempt, expected === null ? undefined : expected.faults + 1);
      if (claimed === null) return;
      const { jobId, leaseToken, key } = claimed;
      runs.unshift({ name: key, modelToken: model.tokens, jobId, leaseToken });
      return;
    }
    case 'pass':
      modelPassTime(model, step.seconds);
      return passTime(client, step.seconds);
    case 'renew':
    case 'finish':
    case 'shutdown':
    case 'fault': {
      const run = runs[step.run];
      if (run !== undefined) await performOnRun(step.kind, run, model);
      return;
    }
    default:
      step satisfies never;
  }
}

async function performPut(step: Extract<Operation, { kind: 'put' }>, model: Model): Promise<void> {
  const { name, submitter, content, image, delaySeconds, immediate } = step;
  const imageSha = image === 'ready' ? undefined : image === 'building' ? BUILDING_SHA : UNKNOWN_SHA;
  const job = makeJob({ key: name, user: submitter, content, delaySeconds, immediate, imageSha });
  const answer = await enqueueJob(database.db, job);
  // Another image is another content.
  const expected = modelPut(model, { ...step, content: `${content} ${image}` });
  assert.equal(answer.kind === 'queued' ? answer.change : answer.kind, expected);
}

async function performOnRun(
  kind: 'renew' | 'finish' | 'shutdown' | 'fault',
  run: Runs[number],
  model: Model,
): Promise<void> {
  const { db } = database;
  const { jobId, leaseToken, name, modelToken } = run;
  switch (kind) {
    case 'renew': {
      const renewed = await renewLease(db, { jobId, leaseToken, leaseSeconds: MODEL_LEASE_SECONDS });
      return assert.equal(renewed, modelRenew(model, name, modelToken));
    }
    case 'finish': {
      const gradingId = `msg_${crypto.randomUUID()}`;
      const finished = await finishJob(db, { jobId, leaseToken, outcome: 'graded', gradingId, body: '{}' });
      return assert.equal(finished, modelFinish(model, name, modelToken));
    }
    case 'shutdown':
    case 'fault': {
      const returned = await returnJob(db, { jobId, leaseToken, reason: kind, cause: 'a test' });
      return assert.equal(returned, modelReturn(model, name, modelToken, kind));
    }
    default:
      kind satisfies never;
  }
}

function submitterOf(user: string): string {
  return identifyJob(makeJob({ user })).submitter.toString('hex');
}

function describeModel(model: Model): unknown {
  return {
    jobs: model.jobs
      .map(({ name, submitter, state, generation, faults, isImmediate, isNamed, outcome }) =>
        [name, submitterOf(submitter), state, generation, faults, outcome ?? 'no outcome']
          .concat(state === 'held' || state === 'waiting' ? [String(isImmediate), String(isNamed)] : [])
          .join(' '),
      )
      .sort(),
    line: inLine(model).map(({ submitter, names }) => `${submitterOf(submitter)} ${names ?? '-'}`),
    aside: model.places
      .filter(({ heldFor, notBefore }) => heldFor !== null || notBefore !== null)
      .map(({ submitter, names, heldFor, notBefore }) =>
        [submitterOf(submitter), names ?? '-', heldFor ?? '-', String(notBefore !== null)].join(' '),
      )
      .sort(),
    results: [...model.results].sort(),
  };
}

async function readDatabase(): Promise<unknown> {
  const answer = await client.query<{ state: Record<string, string[]> }>(`
    select json_build_object(
      'jobs', (select coalesce(json_agg(line), '[]') from (
        select concat_ws(' ', config->>'key', encode(submitter, 'hex'), state, generation, faults,
          coalesce(outcome, 'no outcome'),
          case when state in ('held', 'waiting') then is_immediate::text || ' ' || is_named::text end) as line
        from orca.jobs order by 1) as jobs),
      'line', (select coalesce(json_agg(line), '[]') from (
        select concat_ws(' ', encode(r.submitter, 'hex'), coalesce(j.config->>'key', '-')) as line
        from orca.reservations r left join orca.jobs j on j.id = r.job_id
        where held_job_id is null and not_before is null order by r.release_at, r.id) as line),
      'aside', (select coalesce(json_agg(line), '[]') from (
        select concat_ws(' ', encode(r.submitter, 'hex'), coalesce(j.config->>'key', '-'),
          coalesce(h.config->>'key', '-'), (not_before is not null)::text) as line
        from orca.reservations r
        left join orca.jobs j on j.id = r.job_id left join orca.jobs h on h.id = r.held_job_id
        where held_job_id is not null or not_before is not null order by 1) as aside),
      'results', (select coalesce(json_agg(line), '[]') from (
        select concat_ws(' ', j.config->>'key', r.generation, r.outcome) as line
        from orca.results r join orca.jobs j on j.id = r.job_id order by 1) as results)
    ) as state`);
  return answer.rows[0]?.state;
}

/** Every waiting job is served by exactly one place, and every place serves exactly one waiting or held job. */
async function assertServed(): Promise<void> {
  const wrong = await client.query(`
    select submitter from (
      select submitter, 1 as jobs, 0 as places from orca.jobs where state = 'waiting' and not is_named
      union all
      select submitter, 0, 1 from orca.reservations where job_id is null and held_job_id is null
    ) as each group by submitter having sum(jobs) <> sum(places)
    union all
    select submitter from orca.jobs j where state = 'waiting' and is_named
      and not exists (select from orca.reservations where job_id = j.id and held_job_id is null)
    union all
    select submitter from orca.jobs j where state = 'held'
      and not exists (select from orca.reservations where held_job_id = j.id)
    union all
    select r.submitter from orca.reservations r join orca.jobs j on j.id = r.job_id and r.held_job_id is null
    where j.state <> 'waiting' or not j.is_named
    union all
    select r.submitter from orca.reservations r join orca.jobs j on j.id = r.held_job_id where j.state <> 'held'
    union all
    select j.submitter from orca.jobs j join orca.reservations r on r.job_id = j.id group by j.id having count(*) > 1`);
  assert.equal(wrong.rowCount, 0, 'a job without a place, or a place without a job');
}
