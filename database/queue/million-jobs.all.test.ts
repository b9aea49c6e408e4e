/**
 * What the queue's statements cost with a million jobs waiting. Costs are counted in pages that PostgreSQL touches, which a
 * busy machine does not change. Both plans are asked for: the one for the very parameters, and the one that a prepared
 * statement settles on.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { type SqlStatement, sqlFile } from '../sql-blocks.ts';
import { type Explained, explain } from '../testing/explain.ts';
import { type ClonedDatabase, cloneDatabase, fillQueue } from '../testing/index.ts';
import { RUNS_MAX } from './exhaust.ts';
import { labelText } from './label-job.ts';
import { EXACT_MAX, FRONT_PLACES } from './line-up.ts';
import { turnParameters } from './turn.ts';

const FEW = 1_000;
const MANY = 1_000_000;
/** A claim may touch so many times the pages in the long queue: each index is a level or two higher. */
const CLAIM_PAGES_RATIO_MAX = 1.5;

const look = sqlFile(import.meta.url, 'look.sql');
const lineUp = sqlFile(import.meta.url, 'line-up.sql');
const listJobs = sqlFile(import.meta.url, 'list-jobs.sql');
const claim = sqlFile(import.meta.url, 'claim.sql');
const turn = sqlFile(import.meta.url, 'turn.sql');
const CLAIM = turn('take_turn');
const CLAIM_PARAMETERS = turnParameters({ ended: null, next: { workerId: 'a test', leaseSeconds: 30 } });
/** As in look.ts: own jobs counted, places ahead counted, pages of the sample. */
const PLACE_BOUNDS = [10_000, 1_000, 100] as const;
/** Of the table of places, about as much as line-up.ts takes of a million. */
const SAMPLE_PERCENT = 0.6;
const COUNT_PERCENT = 10;
const SAMPLE_MAX = 20_000;
const PAGE = 51;
const FAR = 10_000;

let database: ClonedDatabase;
let client: pg.Client;
let claimAmongFew: Record<'generic' | 'custom', Explained>;

before(async () => {
  database = await cloneDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await fillQueue(database.url, FEW);
  claimAmongFew = await explainBoth(CLAIM, CLAIM_PARAMETERS);
  await client.query('truncate orca.jobs, orca.reservations cascade');
  await fillQueue(database.url, MANY);
});

after(async () => {
  await client.end();
  await database[Symbol.asyncDispose]();
});

async function explainBoth(statement: SqlStatement, parameters: readonly unknown[]) {
  return {
    generic: await explain(client, statement, parameters, 'generic'),
    custom: await explain(client, statement, parameters, 'custom'),
  };
}

async function jobIdAt(order: 'arrived_at' | 'arrived_at desc'): Promise<string | undefined> {
  const found = await client.query<{ id: string }>(
    `select id from orca.jobs where state = 'waiting' order by ${order} limit 1`,
  );
  return found.rows[0]?.id;
}

/** Checks that a statement reads no table of jobs or places through, and touches so many pages at most. */
async function assertBounded(
  name: string,
  { statement, parameters, pagesMax }: { statement: SqlStatement; parameters: unknown[]; pagesMax: number },
): Promise<void> {
  for (const [plan, { pages, scanned, ms, rows }] of Object.entries(
    await explainBoth(statement, parameters),
  )) {
    const told = `${name}, ${plan} plan: ${pages} pages, ${rows} rows in ${Math.round(ms)} ms`;
    assert.ok(!scanned.includes('jobs') && !scanned.includes('reservations'), `${told}, scans ${scanned}`);
    assert.ok(pages <= pagesMax, `${told}, more than ${pagesMax} pages`);
  }
}

test('a claim among a million touches about as many pages as one among a thousand', async () => {
  const among = await explainBoth(CLAIM, CLAIM_PARAMETERS);
  for (const plan of ['generic', 'custom'] as const) {
    const [few, many] = [claimAmongFew[plan], among[plan]];
    assert.deepEqual([few.rows, many.rows, many.scanned], [1, 1, []], plan);
    const pages = `${plan} plan: ${few.pages} pages among a thousand, ${many.pages} among a million`;
    assert.ok(many.pages <= CLAIM_PAGES_RATIO_MAX * few.pages, pages);
  }
});

test('a look for runs whose lease has run out touches a bounded number of pages', async () => {
  const takeOver = { statement: claim('take_over_run'), parameters: ['a test', 30, 'a test', 0, RUNS_MAX] };
  await assertBounded('the look for expired leases', { ...takeOver, pagesMax: 20 });
  await assertBounded('the end of back-offs', {
    ...{ statement: claim('end_due_back_offs'), parameters: [], pagesMax: 20 },
  });
});

test('a status touches a bounded number of pages, near the front and far behind', async () => {
  const ids: [where: string, id: string | undefined][] = [['last to come', await jobIdAt('arrived_at desc')]];
  ids.push(['first to come', await jobIdAt('arrived_at')]);
  for (const offset of [0, 20, 2_000]) {
    const [served] = (await client.query(lineUp('line_up_first').text, [offset, 1])).rows;
    ids.push([`at place ${offset}`, served?.jobId]);
  }
  for (const [name, id] of ids) {
    const state = { statement: look('find_job_state'), parameters: [id], pagesMax: 10 };
    await assertBounded(`the state of the job ${name}`, state);
    const place = { statement: look('find_waiting_place'), parameters: [id, ...PLACE_BOUNDS], pagesMax: 250 };
    await assertBounded(`the place of the job ${name}`, place);
  }
  await assertBounded('the pace', { statement: look('measure_pace'), parameters: [100, 60], pagesMax: 120 });
  await assertBounded('the next release', {
    ...{ statement: look('next_release'), parameters: [30], pagesMax: 20 },
  });
});

test('a page of the list touches a bounded number of pages, the first and the last that can be asked for', async () => {
  const first = lineUp('line_up_first');
  await assertBounded('page 1', { statement: first, parameters: [0, PAGE], pagesMax: 400 });
  await assertBounded('offset 10,000', { statement: first, parameters: [FAR, PAGE], pagesMax: 800 });
  const found = await client.query<{ id: string; at: Date }>(
    `select id, arrived_at as at from orca.jobs where state = 'waiting' order by id desc limit $1`,
    [PAGE],
  );
  const parameters = [found.rows.map(({ id }) => id), found.rows.map(({ at }) => at)];
  const details = { statement: listJobs('list_waiting_jobs'), parameters, pagesMax: 10 * PAGE };
  await assertBounded('what the page shows', details);
});

test('a filter touches a bounded number of pages, whether it lets through nobody, some, or all', async () => {
  const rows: [name: string, labels: Parameters<typeof labelText>[0], perMatch: number][] = [
    ['nobody', { metadata: { course: 'nowhere' } }, 0],
    ['a hundred', { metadata: { rare: 'yes' } }, 100],
    ['one submitter', { collation: { type: 'user', id: 'u5' } }, 3],
    ['another client', { client: 'other.example.edu' }, 2_000],
    ['a course of another client', { client: 'other.example.edu', metadata: { course: 'CS 1' } }, 600],
    ['a course', { metadata: { course: 'CS 1' } }, EXACT_MAX],
    ['everybody', { client: 'course.example.edu' }, EXACT_MAX],
  ];
  for (const [name, labels, matches] of rows) {
    for (const offset of [0, FAR]) {
      const parameters = [offset, PAGE, EXACT_MAX, EXACT_MAX, [labelText(labels)]];
      // Three jobs and three places of the submitter for each job found, and what the index keeps of a value.
      const pagesMax = 1_000 + 12 * matches;
      const told = `${name} at ${offset}`;
      await assertBounded(told, { statement: lineUp('line_up_labelled'), parameters, pagesMax });
    }
  }
  for (const offset of [0, FAR]) {
    const parameters = [offset, PAGE, FRONT_PLACES, [labelText({ metadata: { course: 'CS 1' } })]];
    const statement = lineUp('line_up_first_labelled');
    await assertBounded('the front', { statement, parameters, pagesMax: 6 * FRONT_PLACES });
  }
});

test('totals, statistics and the values in use touch a bounded number of pages', async () => {
  const sample = lineUp('line_up_sample');
  const parameters = [SAMPLE_PERCENT, SAMPLE_MAX];
  await assertBounded('the sample', { statement: sample, parameters, pagesMax: 40_000 });
  const count = { statement: lineUp('count_line_sample'), parameters: [COUNT_PERCENT], pagesMax: 1_500 };
  await assertBounded('the count', count);
  const jobs = await client.query<{ jobId: string; releaseAt: Date }>(sample.text, parameters);
  assert.ok(jobs.rows.length > 1_000);
  await assertBounded('the summary', {
    statement: listJobs('summarise_waiting_jobs'),
    parameters: [
      ...[jobs.rows.map(({ jobId }) => jobId), jobs.rows.map(({ releaseAt }) => releaseAt)],
      ...[50, 100, [labelText({ client: 'course.example.edu' })]],
    ],
    pagesMax: 6 * jobs.rows.length,
  });
});
