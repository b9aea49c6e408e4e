import type { Queries } from '../connect.ts';
import { sqlFile } from '../sql-blocks.ts';

const sql = sqlFile(import.meta.url, 'browse-images.sql');

/** Where an image is, as `docs/job-lifecycle.md` says. */
export type ImageState = 'queued' | 'building' | 'ready' | 'failed' | 'pruned';

/** A grader image as lists show it. */
export type ListedImage = {
  /** SHA-256 of the Dockerfile, hexadecimal. */
  sha: string;
  state: ImageState;
  /** Why its last build failed; `null` unless `state` is `failed`. */
  failure: string | null;
  /** How often a build of it was begun. */
  builds: number;
  /** In an engine, and of the saved archive; `null` where none is saved. */
  imageBytes: number | null;
  archiveBytes: number | null;
  requestedAt: Date;
  readyAt: Date | null;
  lastUsedAt: Date | null;
  /** Jobs that wait for its build. */
  heldJobs: number;
  /** Clients, and names of keys. */
  askedBy: string[];
};

/** A grader image as the database knows it. */
export type KnownImage = Omit<ListedImage, 'heldJobs' | 'askedBy'> & {
  dockerfile: string;
  /** The id in the engine that built it; `null` for the base image, which each engine has under its own. */
  imageId: string | null;
  layers: string[] | null;
  archiveSha256: Buffer | null;
};

/** How far an image has come. */
export type ImageProgress =
  | { kind: 'unknown' }
  /** `ahead`: images that were asked for before it and wait too. */
  | { kind: 'queued'; ahead: number }
  /** For so long; `step`: what the builder prints of itself, untrusted, `null` at the beginning. */
  | { kind: 'building'; seconds: number; step: string | null }
  | { kind: 'ready' }
  | { kind: 'failed'; reason: string }
  | { kind: 'pruned' };

/** The story of one build. */
export type ListedBuild = {
  buildId: number;
  /** Counts the builds of its image, from 1. */
  number: number;
  builder: string;
  startedAt: Date;
  endedAt: Date | null;
  /** `returned` and `lost`: through no fault of the Dockerfile, it was or will be built again. */
  outcome: 'ready' | 'failed' | 'returned' | 'lost' | null;
  reason: string | null;
  step: string | null;
  /** Printed; the last MiB is kept. */
  logBytes: number;
  buildMs: number | null;
  checkMs: number | null;
  saveMs: number | null;
  imageBytes: number | null;
  archiveBytes: number | null;
};

/**
 * Looks an image up. The base image itself is always there.
 *
 * @returns `null` when nobody has ever posted its Dockerfile
 */
export async function findImage(db: Queries, sha: string): Promise<KnownImage | null> {
  const [image] = await db.query<KnownImage>(sql('find_image'), [sha]);
  return image ?? null;
}

/** Who asked for an image, and how many jobs wait for its build. */
export async function findImageDemand(
  db: Queries,
  sha: string,
): Promise<Pick<ListedImage, 'heldJobs' | 'askedBy'>> {
  const [demand] = await db.query<Pick<ListedImage, 'heldJobs' | 'askedBy'>>(sql('find_image_demand'), [sha]);
  return demand ?? { heldJobs: 0, askedBy: [] };
}

/** How far an image has come, for the status route. */
export async function imageProgress(db: Queries, sha: string): Promise<ImageProgress> {
  const [row] = await db.query<ProgressRow>(sql('find_image_progress'), [sha]);
  if (row === undefined) return { kind: 'unknown' };
  switch (row.state) {
    case 'queued':
      return { kind: 'queued', ahead: row.ahead };
    case 'building':
      return { kind: 'building', seconds: Math.max(0, row.seconds ?? 0), step: row.step };
    case 'failed':
      return { kind: 'failed', reason: row.failure ?? '' };
    case 'ready':
    case 'pruned':
      return { kind: row.state };
    default:
      return row.state satisfies never;
  }
}

type ProgressRow = {
  state: ImageState;
  failure: string | null;
  ahead: number;
  seconds: number | null;
  step: string | null;
};

/**
 * A page of all images, those that were asked for last first.
 *
 * @returns the page, and how many there are in all
 */
export async function listImages(
  db: Queries,
  page: { limit: number; offset: number },
): Promise<{ images: ListedImage[]; total: number }> {
  const images = await db.query<ListedImage>(sql('list_images'), [page.limit, page.offset]);
  const [count] = await db.query<{ images: number }>(sql('count_images'));
  return { images, total: count?.images ?? 0 };
}

/** The last builds of an image, the newest first. */
export async function listBuilds(db: Queries, sha: string, limit: number): Promise<ListedBuild[]> {
  return db.query<ListedBuild>(sql('list_builds'), [sha, limit]);
}

/**
 * Looks up one build of an image.
 *
 * @returns `isOver`: nothing is added to its log any more; `null` when it is not known, or not kept any more
 */
export async function findBuild(
  db: Queries,
  build: { sha: string; number: number },
): Promise<{ buildId: number; isOver: boolean } | null> {
  const [found] = await db.query<{ buildId: number; isOver: boolean }>(sql('find_build'), [
    build.sha,
    build.number,
  ]);
  return found ?? null;
}
