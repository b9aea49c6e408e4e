import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import pg from 'pg';
import { cloneDatabase, makeJob } from '../testing/index.ts';
import { claimJob } from './claim.ts';
import { enqueueJob } from './enqueue.ts';
import { finishJob } from './finish.ts';

/** In one command each; together more than PostgreSQL leaves in a row, and hardly to be compressed. */
const COMMANDS = 100;

/** How many values of jobs stand out of line, each of which is rows of another table to write and to fetch. */
async function countValuesOutOfLine(client: pg.Client): Promise<number> {
  const place = await client.query<{ name: string }>(
    `select reltoastrelid::regclass::text as name from pg_class where oid = 'orca.jobs'::regclass`,
  );
  const counted = await client.query<{ values: number }>(
    `select count(distinct chunk_id)::integer as values from ${place.rows[0]?.name}`,
  );
  return counted.rows[0]?.values ?? Number.NaN;
}

test('of a job nothing but a long config stands out of line, whatever happens to it', async () => {
  await using database = await cloneDatabase();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    const job = makeJob();
    const script = Array.from({ length: COMMANDS }, (_, number) => ({
      cmd: createHash('sha256').update(`${number}`).digest('base64'),
    }));
    await enqueueJob(database.db, { ...job, config: { ...job.config, script } });
    assert.equal(await countValuesOutOfLine(client), 1);
    const claimed = await claimJob(database.db, { workerId: 'w', leaseSeconds: 30 });
    assert.deepEqual(claimed?.config.script, script);
    assert.equal(await countValuesOutOfLine(client), 1, 'claimed');
    const { jobId, leaseToken = '' } = claimed ?? {};
    assert.ok(jobId);
    await finishJob(database.db, { jobId, leaseToken, outcome: 'graded', gradingId: 'msg_1', body: '{}' });
    assert.equal(await countValuesOutOfLine(client), 1, 'finished');
  } finally {
    await client.end();
  }
});
