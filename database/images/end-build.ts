import type { Database, Queries } from '../connect.ts';
import { sqlFile } from '../sql-blocks.ts';
import type { SavedImage } from './claim-build.ts';

const sql = sqlFile(import.meta.url, 'end-build.sql');

/** A build of ours ends so often by our own fault; then whoever waits is told. */
export const BUILD_FAULTS_MAX = 3;
/** How long an image waits after its first and second build that ended by our fault. */
const BACK_OFF_SECONDS: readonly number[] = [10, 60];
const REASON_CHARACTERS_MAX = 2_000;

/** How long the phases of a build took; `null` for one that was not reached. */
export type BuildTimings = { buildMs: number | null; checkMs: number | null; saveMs: number | null };

/** How a build ended. */
export type BuildEnd =
  | { kind: 'ready'; image: SavedImage }
  /** By the Dockerfile's fault. `reason`: for the instructor, a sentence. */
  | { kind: 'failed'; reason: string; imageBytes: number | null };

/** Names a build and the lease under which it is written. */
export type BuildLease = { buildId: number; sha: string; leaseToken: string };

/**
 * Stores how a build ended, and owes it to everybody who asked. Jobs that are held for the image are settled by
 * {@link settleHeldJobs}, which the caller calls next.
 *
 * @param body the exact bytes of the POST to who asked, as JSON
 * @returns false when the token is no longer the image's: nothing was changed, the build does not count
 * @throws {DatabaseError} `outcome_unknown`: the same once more tells by `false` that it was stored, or that it does not
 *   count
 */
export async function endBuild(
  db: Database,
  lease: BuildLease,
  ended: { end: BuildEnd; timings: BuildTimings; body: string },
): Promise<boolean> {
  const { end, timings, body } = ended;
  return db.transaction(async (tx) => {
    const [locked] = await tx.query(sql('lock_build'), [lease.sha, lease.leaseToken]);
    if (locked === undefined) return false;
    await storeEnd(tx, lease, end);
    await noteEnd(tx, lease, end, timings);
    await tx.query(sql('owe_image_outcome'), [lease.sha, body]);
    return true;
  });
}

/**
 * Puts back an image whose build ended through no fault of its Dockerfile. It is built again, after a while.
 *
 * @param given.reason for staff, in words
 * @param given.isFault false: this builder is told to stop, it may be built again at once
 * @returns `exhausted`: that was the third such build: nothing was changed, the caller ends it as failed. `fenced`: the
 *   token is no longer the image's, nothing was changed
 */
export async function returnBuild(
  db: Database,
  lease: BuildLease,
  given: { reason: string; isFault: boolean },
): Promise<'returned' | 'exhausted' | 'fenced'> {
  return db.transaction(async (tx) => {
    const [image] = await tx.query<{ faults: number }>(sql('lock_build'), [lease.sha, lease.leaseToken]);
    if (image === undefined) return 'fenced';
    const faults = image.faults + (given.isFault ? 1 : 0);
    if (faults >= BUILD_FAULTS_MAX) return 'exhausted';
    const waitSeconds = given.isFault ? (BACK_OFF_SECONDS[faults - 1] ?? 0) : 0;
    await tx.query(sql('requeue_image'), [lease.sha, faults, waitSeconds]);
    const reason = storable(given.reason);
    await tx.query(sql('end_build'), [lease.buildId, 'returned', reason, null, null, null, null, null]);
    return 'returned';
  });
}

async function storeEnd(tx: Queries, { sha }: BuildLease, end: BuildEnd): Promise<void> {
  switch (end.kind) {
    case 'ready': {
      const { imageId, layers, imageBytes, archiveBytes, archiveSha256 } = end.image;
      const parameters = [sha, imageId, layers, imageBytes, archiveBytes, archiveSha256];
      return void (await tx.query(sql('store_image'), parameters));
    }
    case 'failed':
      return void (await tx.query(sql('refuse_image'), [sha, storable(end.reason)]));
    default:
      end satisfies never;
  }
}

async function noteEnd(tx: Queries, lease: BuildLease, end: BuildEnd, timings: BuildTimings): Promise<void> {
  const isReady = end.kind === 'ready';
  const { buildMs, checkMs, saveMs } = timings;
  const times = [buildMs, checkMs, saveMs].map((ms) => (ms === null ? null : Math.round(ms)));
  await tx.query(sql('end_build'), [
    ...[lease.buildId, end.kind, isReady ? null : storable(end.reason), ...times],
    ...[isReady ? end.image.imageBytes : end.imageBytes, isReady ? end.image.archiveBytes : null],
  ]);
}

/** PostgreSQL's texts have no NUL, and a reason may quote what a Dockerfile prints. */
function storable(text: string): string {
  return text.replaceAll('\0', '\ufffd').slice(0, REASON_CHARACTERS_MAX).toWellFormed();
}
