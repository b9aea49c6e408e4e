import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { Database } from '../connect.ts';
import { cloneDatabase, makeJob } from '../testing/index.ts';
import { claimJob } from './claim.ts';
import { enqueueJob } from './enqueue.ts';
import { finishJob } from './finish.ts';

/** In one command each; together more than PostgreSQL leaves in a row, and hardly to be compressed. */
const COMMANDS = 100;

const TABLE_OUT_OF_LINE = {
  name: 'table_out_of_line_of_test',
  text: `select reltoastrelid::regclass::text as name from pg_class where oid = 'orca.jobs'::regclass`,
  writes: false,
} as const;

/** How many values of jobs stand out of line, each of which is rows of another table to write and to fetch. */
async function countValuesOutOfLine(db: Database): Promise<number> {
  const [table] = await db.query<{ name: string }>(TABLE_OUT_OF_LINE);
  const text = `select count(distinct chunk_id)::integer as values from ${table?.name}`;
  const [counted] = await db.query<{ values: number }>({
    name: 'values_out_of_line_of_test',
    text,
    writes: false,
  });
  return counted?.values ?? Number.NaN;
}

test('of a job nothing but a long config stands out of line, whatever happens to it', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const job = makeJob();
  const script = Array.from({ length: COMMANDS }, (_, number) => ({
    cmd: createHash('sha256').update(`${number}`).digest('base64'),
  }));
  await enqueueJob(db, { ...job, config: { ...job.config, script } });
  assert.equal(await countValuesOutOfLine(db), 1);
  const claimed = await claimJob(db, { workerId: 'w', leaseSeconds: 30 });
  assert.deepEqual(claimed?.config.script, script);
  assert.equal(await countValuesOutOfLine(db), 1, 'claimed');
  const { jobId, leaseToken = '' } = claimed ?? {};
  assert.ok(jobId);
  await finishJob(db, { jobId, leaseToken, outcome: 'graded', gradingId: 'msg_1', body: '{}' });
  assert.equal(await countValuesOutOfLine(db), 1, 'finished');
});
