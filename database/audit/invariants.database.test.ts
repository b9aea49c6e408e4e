import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cancelJob } from '../queue/cancel.ts';
import { claimJob } from '../queue/claim.ts';
import { enqueueJob } from '../queue/enqueue.ts';
import { makeJob } from '../testing/index.ts';
import { openQueue } from '../testing/queue-deeds.ts';
import { listViolations } from './invariants.ts';

/** One job of each kind, all as it should be: waiting, named, held, with a worker, ended. */
async function fill(queue: Awaited<ReturnType<typeof openQueue>>): Promise<void> {
  const { db } = queue.database;
  for (const key of ['grading', 'ended', 'waiting', 'named'])
    await enqueueJob(db, makeJob({ key, user: key, immediate: key === 'named' || key === 'grading' }));
  await claimJob(db, { workerId: 'w1', leaseSeconds: 600 });
  await enqueueJob(db, makeJob({ key: 'held', imageSha: 'b'.repeat(64) }));
  const ended = await queue.client.query<{ id: string }>(
    `select id from orca.jobs where config->>'key' = 'ended'`,
  );
  await cancelJob(db, { jobId: Number(ended.rows[0]?.id), clients: null });
}

/** What breaks an invariant, and which. `$job` stands for the id of the job so named. */
const HARM = [
  ['delete from orca.reservations where job_id is null and held_job_id is null', 'each_job_has_a_place'],
  [`delete from orca.jobs where id = $waiting`, 'each_job_has_a_place'],
  ['delete from orca.reservations where job_id = $named', 'each_job_has_a_place'],
  ['delete from orca.reservations where held_job_id = $held', 'each_job_has_a_place'],
  [
    `insert into orca.reservations (submitter, release_at, job_id)
     select submitter, now(), id from orca.jobs where id = $grading`,
    'each_place_has_a_job',
  ],
  [`update orca.reservations set submitter = sha256('x') where job_id = $named`, 'each_place_has_a_job'],
  [`update orca.jobs set outcome = 'graded' where id = $ended`, 'each_end_has_a_result'],
  [
    `insert into orca.results (job_id, generation, outcome, grading_id, body) values ($named, 1, 'graded', 'x', '{}')`,
    'each_result_has_an_end',
  ],
  [`delete from orca.deliveries where job_id = $ended`, 'each_result_is_owed'],
  [
    `update orca.deliveries set state = 'dropped', ended_at = now() where job_id = $ended`,
    'each_result_is_owed',
  ],
  [
    `insert into orca.deliveries (kind, job_id, location, client) values ('status', $ended, 'Queue', 'a')`,
    'the_result_is_last',
  ],
  [`update orca.jobs set release_at = now() + interval '1 hour' where id = $grading`, 'no_run_is_early'],
  [`update orca.jobs set faults = 3 where id = $waiting`, 'three_faults_end_a_job'],
] as const;

test('listViolations() finds each kind of harm, and nothing in a queue that is as it should be', async () => {
  await using queue = await openQueue();
  const { client, database } = queue;
  await fill(queue);
  const rows = await client.query<{ key: string; id: string }>(
    `select config->>'key' as key, id from orca.jobs`,
  );
  const ids = new Map(rows.rows.map(({ key, id }) => [key, id]));
  assert.equal(ids.size, 5);
  assert.deepEqual(await listViolations(database.db), []);
  for (const [harm, invariant] of HARM) {
    const sql = harm.replaceAll(/\$([a-z]+)/g, (_, key: string) => ids.get(key) ?? '');
    await client.query('begin');
    await client.query(sql);
    const found = await listViolations({
      query: async (statement, parameters = []) =>
        (await client.query({ text: statement.text, values: [...parameters] })).rows,
    });
    await client.query('rollback');
    assert.ok(
      found.some((violation) => violation.invariant === invariant),
      `${sql}: ${JSON.stringify(found)}`,
    );
    for (const { sentence } of found) assert.match(sentence, /^[A-Z0-9].*[^.]$/);
  }
});
