import type { Queries } from '../connect.ts';
import { sqlFile } from '../sql-blocks.ts';
import type { BuildLease } from './end-build.ts';

const sql = sqlFile(import.meta.url, 'build-log.sql');

/** What is kept of a build's log; the last of it, since that is where a failure is. */
export const BUILD_LOG_BYTES_MAX = 1024 * 1024;
/** What a piece takes besides its texts, about. */
const PIECE_BYTES = 128;
/** Most pieces that are read at once: fewer are the last ones until now. */
export const BUILD_LOG_PIECES_MAX = 500;

/** Something that a build printed. Untrusted: whatever a Dockerfile's commands write. */
export type LogPiece = { step: string; output: string };

/**
 * Adds to a build's log, and keeps the last MiB of what was printed; fewer pieces where their steps alone are so much.
 *
 * @param step where the build is now
 * @returns false when the token is no longer the image's: nothing was written
 */
export async function appendBuildLog(
  db: Queries,
  { buildId, leaseToken }: BuildLease,
  { step, pieces }: { step: string; pieces: readonly LogPiece[] },
): Promise<boolean> {
  const bytes = pieces.reduce((sum, { output }) => sum + Buffer.byteLength(output), 0);
  const [build] = await db.query(sql('append_build_log'), [
    ...[buildId, leaseToken, storable(step)],
    ...[pieces.map((piece) => storable(piece.step)), pieces.map((piece) => storable(piece.output)), bytes],
  ]);
  if (build === undefined) return false;
  if (pieces.length > 0) await db.query(sql('cut_build_log'), [buildId, BUILD_LOG_BYTES_MAX, PIECE_BYTES]);
  return true;
}

/**
 * Reads a build's log, as far as it is kept.
 *
 * @param after the `piece` that was read last, 0 at the beginning
 * @returns the next pieces, at most 500
 */
export async function readBuildLog(
  db: Queries,
  { buildId, after }: { buildId: number; after: number },
): Promise<(LogPiece & { piece: number })[]> {
  return db.query(sql('read_build_log'), [buildId, after, BUILD_LOG_PIECES_MAX]);
}

/** PostgreSQL's texts have no NUL. */
function storable(text: string): string {
  return text.replaceAll('\0', '\ufffd').toWellFormed();
}
