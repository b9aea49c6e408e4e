import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import pg from 'pg';
import { cancelJob } from './queue/cancel.ts';
import { enqueueJob } from './queue/enqueue.ts';
import { cloneDatabase, makeJob } from './testing/index.ts';

const GUIDE = new URL('../DEPLOYMENT.md', import.meta.url);
/** More than any site does between two backups. */
const GAP = 1_000_000;

/** What `psql` is given behind `pg_restore`, in the block that restores a backup. */
async function readStatement(): Promise<string> {
  const guide = await readFile(GUIDE, 'utf8');
  const [, after = ''] = /^runuser .* pg_restore (.*?)^```$/ms.exec(guide) ?? [];
  return /<<'SQL'\n(.*?)^SQL$/ms.exec(after)?.[1] ?? assert.fail('the block has no such statement');
}

async function lastNumbers(client: pg.Client): Promise<Record<string, number>> {
  const { rows } = await client.query<{ name: string; last: string | null }>(
    `select sequencename as name, last_value as last from pg_sequences where schemaname = 'orca'`,
  );
  return Object.fromEntries(rows.map(({ name, last }) => [name, Number(last ?? 0)]));
}

test('what DEPLOYMENT.md does after a restore keeps numbers that were given out after the backup from being given out again', async () => {
  await using database = await cloneDatabase();
  const { db, url } = database;
  const put = async (key: string): Promise<number> => {
    const queued = await enqueueJob(db, makeJob({ key }));
    return queued.kind === 'queued' ? queued.jobId : assert.fail(queued.kind);
  };
  const lastOfBackup = await put('before the backup');
  await cancelJob(db, { jobId: lastOfBackup, clients: null });
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const before = await lastNumbers(client);
    await client.query(await readStatement());
    const after = await lastNumbers(client);
    for (const [sequence, last] of Object.entries(before)) {
      // Of events so many numbers are kept: with the gap all of them would be too old.
      const gap = sequence === 'job_events_id_seq' ? 0 : GAP;
      assert.equal((after[sequence] ?? 0) - last, gap, sequence);
    }
  } finally {
    await client.end();
  }
  const next = await put('after the restore');
  assert.ok(next > lastOfBackup + GAP, `job ${next}`);
});
