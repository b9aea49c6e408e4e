import type { Database, Queries } from '../connect.ts';
import { GRACE_AFTER_START_SECONDS } from '../queue/claim.ts';
import { sqlFile } from '../sql-blocks.ts';

const sql = sqlFile(import.meta.url, 'claim-build.sql');

/** What is kept of an image that was built: where its archive is known, and what is in it. */
export type SavedImage = {
  /** The id that the engine gave it which built it; says nothing across engines with other image stores. */
  imageId: string;
  /** The digests of its layers, the lowest first. */
  layers: string[];
  /** In an engine. */
  imageBytes: number;
  /** Of the compressed archive. */
  archiveBytes: number;
  archiveSha256: Buffer;
};

/** A build that a builder has, for as long as its lease lasts. */
export type ClaimedBuild = {
  buildId: number;
  sha: string;
  dockerfile: string;
  /** Counts the builds of this image, from 1. */
  number: number;
  /** Names the lease in all that the builder writes. */
  leaseToken: string;
  /** Builds since the request that ended by our fault: its builder died, or had no engine. */
  faults: number;
  /** The last build that came to an end failed: what it left in caches is not to be trusted. */
  hasFailed: boolean;
  /** An archive of an earlier build, of an image that was pruned: where the file is still there, nothing has to be built. */
  saved: SavedImage | null;
};

type ClaimRow = Omit<ClaimedBuild, 'saved' | 'buildId'> & (SavedImage | { [Name in keyof SavedImage]: null });

/**
 * Claims the build that is due first, under a lease: of the images that jobs wait for, then of the others, the one that
 * was asked for first.
 *
 * @param claim.leaseSeconds how long the lease lasts unless it is renewed
 * @param claim.graceAfterStartSeconds so soon after PostgreSQL started no lease is taken over; has a default
 * @returns `null` when nothing is to be built now
 */
export async function claimBuild(
  db: Database,
  claim: { builderId: string; leaseSeconds: number; graceAfterStartSeconds?: number },
): Promise<ClaimedBuild | null> {
  const { builderId, leaseSeconds, graceAfterStartSeconds = GRACE_AFTER_START_SECONDS } = claim;
  return db.transaction(async (tx) => {
    const lease = [builderId, leaseSeconds, graceAfterStartSeconds];
    const [row] = await tx.query<ClaimRow>(sql('claim_build'), lease);
    if (row === undefined) return null;
    const begun = [row.sha, row.number, builderId];
    const [build] = await tx.query<{ buildId: number }>(sql('begin_build'), begun);
    if (build === undefined) throw new Error('Cannot claim a build: the statement gave no row');
    const { imageId, layers, imageBytes, archiveBytes, archiveSha256, ...claimed } = row;
    const saved =
      archiveSha256 === null ? null : { imageId, layers, imageBytes, archiveBytes, archiveSha256 };
    return { ...claimed, ...build, saved };
  });
}

/**
 * Renews a build's lease.
 *
 * @param lease.leaseSeconds from now on
 * @returns false when the token is no longer the image's: the build must stop, and counts no more
 */
export async function renewBuild(
  db: Queries,
  lease: { sha: string; leaseToken: string; leaseSeconds: number },
): Promise<boolean> {
  const renewed = await db.query(sql('renew_build'), [lease.sha, lease.leaseToken, lease.leaseSeconds]);
  return renewed.length > 0;
}

/**
 * How long no build will be due.
 *
 * @returns milliseconds, 0 when one may be due already; `null` when none is asked for
 */
export async function nextBuildMs(db: Queries): Promise<number | null> {
  const [row] = await db.query<{ ms: number }>(sql('next_build'), [GRACE_AFTER_START_SECONDS]);
  return row === undefined ? null : Math.ceil(row.ms);
}
