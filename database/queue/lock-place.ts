import { type Queries, RepeatTransaction } from '../connect.ts';
import { sqlFile } from '../sql-blocks.ts';

const sql = sqlFile(import.meta.url, 'places.sql');

/**
 * Finds and locks the place that serves a job.
 *
 * @param tx a transaction that has locked the job's row
 * @param job its state as it stands in that row
 * @returns the id of the place
 * @throws {RepeatTransaction} when a worker takes the place at this moment
 */
export async function lockPlace(
  tx: Queries,
  job: { id: number; state: 'held' | 'waiting' },
): Promise<number> {
  const find = job.state === 'held' ? 'lock_held_place' : 'lock_serving_place';
  const [place] = await tx.query<{ id: number }>(sql(find), [job.id]);
  if (place === undefined) throw new RepeatTransaction('a worker takes the place of this job');
  return place.id;
}
