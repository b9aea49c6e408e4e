import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { migrate, readMigrations } from './migrate.ts';
import { cloneDatabase } from './testing/index.ts';

/** The last migration before the rules went into types. */
const BEFORE_LIGHTER_RULES = 8;
const JOBS = 100;
/** Each table, and what of its row `t` was there before. */
const TABLES = [
  ...['jobs', 'reservations', 'results', 'deliveries'].map((table) => [table, 't.*'] as const),
  ['job_events', 'row(t.id, t.job_id, t.generation, t.client, t.kind, t.at, t.facts::text)'] as const,
];

/** A job in each state, whose number tells it apart, and what hangs on it. */
const FILL = `
insert into orca.jobs (identity, client, response_url, submitter, state, content, config, image_sha, is_immediate, is_named,
  lease_token, lease_worker, lease_expires_at, release_at, outcome, finished_at)
select sha256(convert_to('i' || n, 'UTF8')), 'a', 'https://a/', sha256('s'), states.state, sha256('c'), '{"key": "k"}', sha, false, true,
  case when states.state = 'grading' then gen_random_uuid() end, case when states.state = 'grading' then 'w' end,
  case when states.state = 'grading' then now() end, case when states.state = 'grading' then now() end,
  case when states.state = 'finished' then 'graded' end, case when states.state = 'finished' then now() end
from orca.images, generate_series(1, ${JOBS}) as n
cross join lateral (select (array['held', 'waiting', 'grading', 'finished'])[n % 4 + 1] as state) as states;
insert into orca.reservations (submitter, release_at, job_id) select submitter, now(), id from orca.jobs where state = 'waiting';
insert into orca.results (job_id, generation, outcome, grading_id, body)
select id, 1, 'graded', 'g' || id, '{}' from orca.jobs where state = 'finished';
insert into orca.deliveries (kind, job_id, location, client) select 'status', id, 'Queue', 'a' from orca.jobs;
insert into orca.deliveries (kind, job_id, generation, client, state, ended_at)
select 'result', job_id, 1, 'a', 'delivered', now() from orca.results;
insert into orca.deliveries (kind, image_sha, url, body, client) select 'image', sha, 'https://a/', '{}', 'a' from orca.images;
`;

/** Each row of the tables, as text. */
async function readRows(client: pg.Client): Promise<Map<string, string[]>> {
  const rows = new Map<string, string[]>();
  for (const [table, row] of TABLES) {
    const found = await client.query<{ line: string }>(
      `select (${row})::text as line from orca.${table} t order by 1`,
    );
    rows.set(
      table,
      found.rows.map(({ line }) => line),
    );
  }
  return rows;
}

test('migrate() leaves every row as it is when the rules go into types', async () => {
  await using database = await cloneDatabase();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    await client.query('drop schema orca cascade');
    for (const { number, name, sql } of readMigrations().slice(0, BEFORE_LIGHTER_RULES)) {
      await client.query(sql);
      await client.query('insert into orca.migrations (number, name) values ($1, $2)', [number, name]);
    }
    await client.query(FILL);
    const before = await readRows(client);
    await migrate(database.url);
    assert.deepEqual(await readRows(client), before);
    for (const [table, rows] of before) assert.ok(rows.length > 0, `no row in ${table}`);
    const events = await client.query<{ is_last: boolean }>(
      `with last as (select max(id) as id from orca.job_events), new as (
         insert into orca.job_events (job_id, generation, client, kind, state, faults)
         values (1, 1, 'a', 'state', 'waiting', 0) returning id)
       select new.id > last.id as is_last from new, last`,
    );
    assert.deepEqual(events.rows, [{ is_last: true }], 'the numbers of events go on');
  } finally {
    await client.end();
  }
});
