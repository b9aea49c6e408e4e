import type { MoveAction } from '@orca/protocol';
import type { Database } from '../connect.ts';
import { notifyJobs } from '../notify.ts';
import { sqlFile } from '../sql-blocks.ts';
import { lockJobToSteer, noteSteering, type SteeredJob } from './lock-job.ts';
import { lockPlace } from './lock-place.ts';

const sql = sqlFile(import.meta.url, 'steer.sql');

/** Orca's own among PostgreSQL's advisory locks. */
const LINE_ENDS_LOCK = 7_620_110_004;
/** Longer than any transaction lasts: the front is before every PUT that is not committed yet. */
const FRONT_SECONDS = 60;

/** What became of a move. */
export type Moved =
  | { kind: 'moved' }
  /** It is with a worker, or has ended. Nothing was changed. */
  | { kind: 'not_waiting'; state: 'grading' | 'finished' }
  /** There is no such job, or none that may be seen. */
  | { kind: 'unknown' };

/**
 * Moves one job, and the place that serves it, to an end of the line. The place names the job from then on, so that no
 * other of its submitter is served there; the submitter's others keep their places.
 *
 * `release`: before everything, released now, its back-off over; a second one goes before the first. `delay`: behind
 * everything, those not released yet included; an immediate job is immediate no more, a back-off stays. A held job's place
 * is moved in the pen: it comes to its new place in line when the image is built.
 *
 * @throws {DatabaseError} `outcome_unknown`: the same once more is harmless
 * @see docs/job-lifecycle.md
 */
export async function moveJob(db: Database, move: SteeredJob & { action: MoveAction }): Promise<Moved> {
  const moved = await db.transaction(async (tx): Promise<Moved> => {
    await tx.query(sql('lock_ends_of_line'), [LINE_ENDS_LOCK]);
    const job = await lockJobToSteer(tx, move);
    if (job === null) return { kind: 'unknown' };
    const { id, state } = job;
    if (state === 'grading' || state === 'finished') return { kind: 'not_waiting', state };
    const placeId = await lockPlace(tx, { id, state });
    if (move.action === 'release') await tx.query(sql('move_place_to_front'), [placeId, id, FRONT_SECONDS]);
    else await tx.query(sql('move_place_to_back'), [placeId, id]);
    await tx.query(sql('name_moved_job'), [id, move.action === 'release']);
    await noteSteering(tx, move);
    return { kind: 'moved' };
  });
  // A hint only: an idle worker looks by itself, too.
  if (moved.kind === 'moved' && move.action === 'release') await notifyJobs(db).catch(() => undefined);
  return moved;
}
