import { type GradingJobConfig, resultWithoutCommands } from '@orca/protocol';
import type { Database, Queries } from '../connect.ts';
import { makeGradingId } from '../queue/exhaust.ts';
import { sqlFile } from '../sql-blocks.ts';

const sql = sqlFile(import.meta.url, 'settle-held-jobs.sql');

/** Jobs in one transaction: each may be 1 MiB long. */
const BATCH = 100;

/** What became of the jobs that were held for an image. */
export type Settled = { released: number; failed: number };

/**
 * Lets the jobs go that are held for an image whose build has ended: into the queue, at their old places, when it is
 * there; to their end, with `ImageBuildFailed`, when its build failed. Their clients are owed the news. Nothing happens
 * while it is being built, and nothing to jobs that were settled before.
 *
 * The caller tells workers and servers ({@link notifyJobs}, {@link notifyDeliveries}) afterwards.
 *
 * @throws {DatabaseError}: some may be settled then; the rest is settled by the next call
 */
export async function settleHeldJobs(db: Database, sha: string): Promise<Settled> {
  const settled: Settled = { released: 0, failed: 0 };
  for (;;) {
    const batch = await db.transaction((tx) => settleBatch(tx, sha));
    settled.released += batch.released;
    settled.failed += batch.failed;
    if (batch.released + batch.failed < BATCH) return settled;
  }
}

/** The images with jobs that are still held although their build has ended: whoever was to settle them died. */
export async function listUnsettledImages(db: Queries): Promise<string[]> {
  const rows = await db.query<{ sha: string }>(sql('list_unsettled_images'));
  return rows.map(({ sha }) => sha);
}

async function settleBatch(tx: Queries, sha: string): Promise<Settled> {
  const [image] = await tx.query<{ state: string; failure: string | null }>(sql('lock_image_to_settle'), [
    sha,
  ]);
  switch (image?.state) {
    case 'ready': {
      const released = await tx.query(sql('release_held_jobs'), [sha, BATCH]);
      return { released: released.length, failed: 0 };
    }
    case 'failed':
      return { released: 0, failed: await failBatch(tx, sha, image.failure ?? '') };
    default:
      return { released: 0, failed: 0 };
  }
}

async function failBatch(tx: Queries, sha: string, failure: string): Promise<number> {
  const held = await tx.query<{ id: number; config: GradingJobConfig }>(sql('lock_held_jobs'), [sha, BATCH]);
  if (held.length === 0) return 0;
  const gradingIds = held.map(makeGradingId);
  const sentence = `The grader image of this job failed to build. ${failure}`;
  const bodies = held.map(({ config: { key } }, index) => {
    const gradingId = gradingIds[index] ?? '';
    return JSON.stringify(resultWithoutCommands({ key, gradingId, kind: 'ImageBuildFailed', sentence }));
  });
  const ids = held.map(({ id }) => id);
  await tx.query(sql('fail_held_jobs'), [ids, gradingIds, bodies, failure]);
  return held.length;
}
