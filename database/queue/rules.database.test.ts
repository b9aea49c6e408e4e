/** What the tables refuse, whatever a statement says: the rules stand in types and check constraints. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { cloneDatabase } from '../testing/index.ts';

/** What PostgreSQL says: a check is violated, or no value of the type is so written. */
const REFUSALS = ['23514', '22P02'];

const LEASE = [
  'lease_token = gen_random_uuid()',
  `lease_worker = 'w'`,
  'lease_expires_at = now()',
  'release_at = now()',
];
const DELIVERY_LEASE = ['lease_token = gen_random_uuid()', `lease_server = 's'`, 'lease_expires_at = now()'];
const KINDS = ['status', 'result', 'image'];

function without(assignments: readonly string[], one: string): string {
  return assignments.filter((assignment) => assignment !== one).join(', ');
}

/** A job that waits, a result, the three kinds of deliveries, an event, a place. */
const FILL = `
insert into orca.jobs (identity, client, response_url, submitter, state, content, config, image_sha, is_immediate, is_named)
select sha256('i'), 'a', 'https://a/', sha256('s'), 'waiting', sha256('c'), '{}', sha, true, true from orca.images;
insert into orca.reservations (submitter, release_at, job_id) select submitter, now(), id from orca.jobs;
insert into orca.results (job_id, generation, outcome, grading_id, body) select id, 1, 'graded', 'g', '{}' from orca.jobs;
insert into orca.deliveries (kind, job_id, location, client) select 'status', id, 'Queue', 'a' from orca.jobs;
insert into orca.deliveries (kind, job_id, generation, client) select 'result', id, 1, 'a' from orca.jobs;
insert into orca.deliveries (kind, image_sha, url, body, client) select 'image', sha, 'https://a/', '{}', 'a' from orca.images;
insert into orca.job_events (job_id, generation, client, kind, state, faults) select id, 1, 'a', 'state', state, 0 from orca.jobs;
`;

const ALLOWED = [
  `update orca.jobs set is_named = false, is_immediate = false`,
  `update orca.jobs set state = 'held', generation = 2, faults = 3`,
  `update orca.jobs set state = 'grading', is_named = false, container = 'c', ${LEASE.join(', ')}`,
  `update orca.jobs set state = 'finished', is_named = false, outcome = 'cancelled', finished_at = now()`,
  `update orca.reservations set not_before = now()`,
  `update orca.reservations set held_job_id = job_id`,
  `update orca.reservations set held_job_id = job_id, job_id = null`,
  `update orca.deliveries set ${DELIVERY_LEASE.join(', ')}`,
  ...['delivered', 'refused', 'given_up', 'dropped'].map(
    (state) => `update orca.deliveries set state = '${state}', ended_at = now()`,
  ),
  ...['HoldingPen', 'Worker'].map(
    (location) => `update orca.deliveries set location = '${location}' where kind = 'status'`,
  ),
  `update orca.job_events set kind = 'command'`,
];

const REFUSED = [
  ...['identity', 'submitter', 'content'].map((column) => `update orca.jobs set ${column} = '\\x00'`),
  `update orca.jobs set state = 'lost'`,
  `update orca.jobs set generation = 0`,
  `update orca.jobs set faults = -1`,
  `update orca.jobs set faults = 4`,
  `update orca.jobs set is_named = false`,
  `update orca.jobs set is_named = false, state = 'held'`,
  `update orca.jobs set ${LEASE.join(', ')}`,
  `update orca.jobs set state = 'grading'`,
  ...LEASE.flatMap((one) => [
    `update orca.jobs set ${one}`,
    `update orca.jobs set state = 'grading', ${without(LEASE, one)}`,
  ]),
  `update orca.jobs set container = 'c'`,
  `update orca.jobs set state = 'finished'`,
  `update orca.jobs set state = 'finished', finished_at = now()`,
  `update orca.jobs set state = 'finished', outcome = 'graded'`,
  `update orca.jobs set state = 'finished', outcome = 'lost', finished_at = now()`,
  `update orca.jobs set outcome = 'graded', finished_at = now()`,
  `update orca.reservations set submitter = '\\x00'`,
  `update orca.reservations set not_before = now(), job_id = null`,
  `update orca.reservations set not_before = now(), held_job_id = job_id`,
  `update orca.reservations set held_job_id = job_id + 1`,
  `update orca.results set generation = 0`,
  `update orca.results set outcome = 'lost'`,
  `update orca.results set grading_id = ''`,
  `update orca.results set grading_id = repeat('g', 129)`,
  ...KINDS.flatMap((kind) =>
    [...KINDS.filter((other) => other !== kind), 'lost'].map(
      (other) => `update orca.deliveries set kind = '${other}' where kind = '${kind}'`,
    ),
  ),
  `update orca.deliveries set job_id = null, generation = null`,
  `update orca.deliveries set job_id = 1 where kind = 'image'`,
  `update orca.deliveries set image_sha = (select sha from orca.images) where kind = 'status'`,
  `update orca.deliveries set url = 'https://a/', body = '{}' where kind = 'result'`,
  ...['image_sha', 'url', 'body'].map(
    (column) => `update orca.deliveries set ${column} = null where kind = 'image'`,
  ),
  `update orca.deliveries set location = null where kind = 'status'`,
  `update orca.deliveries set location = 'Queue' where kind = 'result'`,
  `update orca.deliveries set location = 'Moon' where kind = 'status'`,
  `update orca.deliveries set generation = null where kind = 'result'`,
  `update orca.deliveries set generation = 1 where kind = 'status'`,
  `update orca.deliveries set state = 'lost', ended_at = now()`,
  `update orca.deliveries set state = 'delivered'`,
  `update orca.deliveries set ended_at = now()`,
  `update orca.deliveries set state = 'delivered', ended_at = now(), ${DELIVERY_LEASE.join(', ')}`,
  ...DELIVERY_LEASE.flatMap((one) => [
    `update orca.deliveries set ${one}`,
    `update orca.deliveries set ${without(DELIVERY_LEASE, one)}`,
  ]),
  `update orca.deliveries set attempts = -1`,
  `update orca.deliveries set round = 0`,
  `update orca.deliveries set webhook_id = '' where kind = 'status'`,
  `update orca.deliveries set webhook_id = repeat('w', 129) where kind = 'status'`,
  `update orca.job_events set kind = 'lost'`,
];

async function withFilled(test: (client: pg.Client) => Promise<void>): Promise<void> {
  await using database = await cloneDatabase();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    await client.query(FILL);
    await test(client);
  } finally {
    await client.end();
  }
}

/** @returns the code of the error, `null` when there was none, and how many rows were changed; which is taken back */
async function tryOut(client: pg.Client, text: string): Promise<{ code: unknown; rows: number }> {
  await client.query('begin');
  try {
    const { rowCount } = await client.query(text);
    return { code: null, rows: rowCount ?? 0 };
  } catch (error) {
    return { code: error instanceof pg.DatabaseError ? error.code : error, rows: 0 };
  } finally {
    await client.query('rollback');
  }
}

test('the tables that a run writes to refuse whatever no state allows', async () => {
  await withFilled(async (client) => {
    for (const text of REFUSED) {
      const { code } = await tryOut(client, text);
      assert.ok(REFUSALS.includes(String(code)), `${text}: ${code}`);
    }
  });
});

test('the tables that a run writes to take what the states allow', async () => {
  await withFilled(async (client) => {
    for (const text of ALLOWED) {
      const { code, rows } = await tryOut(client, text);
      assert.equal(code, null, text);
      assert.ok(rows > 0, `${text}: no row`);
    }
  });
});
