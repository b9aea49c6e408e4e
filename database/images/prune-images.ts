import type { Database, Queries } from '../connect.ts';
import { sqlFile } from '../sql-blocks.ts';
import { listNeededImages } from './use-images.ts';

const sql = sqlFile(import.meta.url, 'prune-images.sql');

/** A statement lasts 5 s at most: a PUT that saw an image as ready has long been stored by then, or never will be. */
const SETTLED_SECONDS = 60;
/** What was used so lately stays even when there is too much. */
const FRESH_SECONDS = 3_600;
const BUILDS_BATCH = 500;

/** What is kept of images. */
export type ImageRetention = {
  /** An image that no job has used for so long goes. */
  keepSeconds: number;
  /** All archives together; what was used longest ago goes first. */
  archiveBytesMax: number;
};

/**
 * Prunes images by age, size and last use; one that a job needs is not touched. Their archives stay for a minute, until
 * every PUT that still saw the image as ready can be seen ({@link forgetPrunedArchives}).
 *
 * @returns which were pruned
 */
export async function pruneImages(db: Queries, retention: ImageRetention): Promise<string[]> {
  const { keepSeconds, archiveBytesMax } = retention;
  const parameters = [keepSeconds, archiveBytesMax, Math.min(FRESH_SECONDS, keepSeconds)];
  const found = shasOf(await db.query<ShaRow>(sql('find_images_to_prune'), parameters));
  if (found.length === 0) return [];
  const needed = await listNeededImages(db, found);
  const unneeded = found.filter((sha) => !needed.has(sha));
  return unneeded.length === 0 ? [] : shasOf(await db.query<ShaRow>(sql('mark_pruned'), [unneeded]));
}

/**
 * Gives up the archives of images that were pruned a while ago. One that a job has come to need meanwhile is put in line
 * to be built, which only finds its archive again.
 *
 * @returns how many are back in line, and how many archives were given up
 */
export async function forgetPrunedArchives(
  db: Database,
): Promise<{ requeued: string[]; forgotten: string[] }> {
  return db.transaction(async (tx) => {
    const pruned = shasOf(await tx.query<ShaRow>(sql('list_pruned_archives'), [SETTLED_SECONDS]));
    if (pruned.length === 0) return { requeued: [], forgotten: [] };
    const needed = [...(await listNeededImages(tx, pruned))];
    const requeued = shasOf(await tx.query<ShaRow>(sql('requeue_pruned_in_need'), [needed]));
    const forgotten = pruned.filter((sha) => !requeued.includes(sha));
    await tx.query(sql('forget_archives'), [forgotten]);
    return { requeued, forgotten };
  });
}

/**
 * Notes that an archive is not where it should be. Its image counts as pruned, and is built again when a job needs it.
 *
 * @returns false when another archive is the image's by now
 */
export async function markArchiveLost(
  db: Queries,
  archive: { sha: string; archiveSha256: Buffer },
): Promise<boolean> {
  const rows = await db.query(sql('mark_archive_lost'), [archive.sha, archive.archiveSha256]);
  return rows.length > 0;
}

/** The SHA-256 of every archive that an image has, hexadecimal: other files in the store are nobody's. */
export async function listArchives(db: Queries): Promise<Set<string>> {
  const rows = await db.query<{ archiveSha256: string }>(sql('list_archives'));
  return new Set(rows.map(({ archiveSha256 }) => archiveSha256));
}

/**
 * Forgets builds that ended long ago, with their logs; the last one of each image stays.
 *
 * @returns how many went; there may be more when it is 500
 */
export async function pruneBuilds(db: Queries, keepSeconds: number): Promise<number> {
  const rows = await db.query(sql('prune_builds'), [keepSeconds, BUILDS_BATCH]);
  return rows.length;
}

type ShaRow = { sha: string };

function shasOf(rows: readonly ShaRow[]): string[] {
  return rows.map(({ sha }) => sha);
}
