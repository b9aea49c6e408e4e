import type { Queries } from '../connect.ts';
import { sqlFile } from '../sql-blocks.ts';

const sql = sqlFile(import.meta.url, 'images.sql');

/** A grader image as the database knows it. */
export type KnownImage = {
  /** SHA-256 of the Dockerfile, hexadecimal. */
  sha: string;
  dockerfile: string;
  state: 'queued' | 'building' | 'ready' | 'failed' | 'pruned';
  /** The engine's id of what was built; `null` for the base image, which each engine has under its own. */
  imageId: string | null;
  /** Size and SHA-256 of the saved image, `null` where none is saved. */
  archiveBytes: number | null;
  archiveSha256: Buffer | null;
  readyAt: Date | null;
};

/** An image that is built. */
export type ReadyImage = {
  sha: string;
  dockerfile: string;
  state: 'ready';
  imageId?: string;
  archiveBytes?: number;
  archiveSha256?: Buffer;
};

/** Makes an image known that is ready to be used. */
export async function recordImage(db: Queries, image: ReadyImage): Promise<void> {
  const { sha, dockerfile, imageId, archiveBytes, archiveSha256 } = image;
  await db.query(sql('record_image'), [
    ...[sha, dockerfile],
    ...[imageId ?? null, archiveBytes ?? null, archiveSha256 ?? null],
  ]);
}

/**
 * Looks an image up. The base image itself is always there.
 *
 * @returns `null` when nobody has ever posted its Dockerfile
 */
export async function findImage(db: Queries, sha: string): Promise<KnownImage | null> {
  const [image] = await db.query<KnownImage>(sql('find_image'), [sha]);
  return image ?? null;
}
