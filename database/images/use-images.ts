import type { Queries } from '../connect.ts';
import { sqlFile } from '../sql-blocks.ts';
import type { ImageState } from './browse-images.ts';
import type { SavedImage } from './claim-build.ts';

const sql = sqlFile(import.meta.url, 'use-images.sql');

/** What a worker needs to know of an image; `absent`: nobody has ever posted its Dockerfile. */
export type UsableImage =
  | { kind: 'ready'; image: Omit<SavedImage, 'imageBytes'> }
  /** Each engine has it under a name of its own: the base image. */
  | { kind: 'everywhere' }
  /** It has to be built, or built again, before a job can run in it. */
  | { kind: 'not_built'; state: Exclude<ImageState, 'ready'> }
  | { kind: 'absent' };

type UsableRow = { state: ImageState } & (
  | { imageId: string; layers: string[]; archiveBytes: number; archiveSha256: Buffer }
  | { imageId: null; layers: null; archiveBytes: null; archiveSha256: null }
);

/** Looks up what a worker needs to know of an image. */
export async function findUsableImage(db: Queries, sha: string): Promise<UsableImage> {
  const [row] = await db.query<UsableRow>(sql('find_usable_image'), [sha]);
  if (row === undefined) return { kind: 'absent' };
  const { state, ...image } = row;
  if (state !== 'ready') return { kind: 'not_built', state };
  return image.archiveSha256 === null ? { kind: 'everywhere' } : { kind: 'ready', image };
}

/** Notes that a job runs in an image: what is used last is pruned last. To the minute. */
export async function noteImageUse(db: Queries, sha: string): Promise<void> {
  await db.query(sql('note_image_use'), [sha]);
}

/** An image, and when a job last ran in it, or else when it was built. */
export type ImageUse = { sha: string; lastUsedAt: Date };

/** When images were used last; those that are not known are left out. */
export async function listImageUses(db: Queries, shas: readonly string[]): Promise<ImageUse[]> {
  return db.query<ImageUse>(sql('list_image_uses'), [shas]);
}

/**
 * Which of these images are needed by jobs that are not finished.
 *
 * Looks at all such jobs: to be asked only for images that would go otherwise.
 */
export async function listNeededImages(db: Queries, shas: readonly string[]): Promise<Set<string>> {
  const rows = await db.query<{ sha: string }>(sql('list_needed_images'), [shas]);
  return new Set(rows.map(({ sha }) => sha));
}

/** How far ahead {@link listImagesInLine} looks. */
export type LineAhead = {
  /** At most so many places, from the front of the line. */
  places: number;
  /** Only of those that are released by then. */
  seconds: number;
};

/** The images that the next jobs in line need, the first first: a forecast, since a place serves the newest job. */
export async function listImagesInLine(db: Queries, { places, seconds }: LineAhead): Promise<string[]> {
  const rows = await db.query<{ sha: string }>(sql('list_images_in_line'), [places, seconds]);
  return rows.map(({ sha }) => sha);
}
