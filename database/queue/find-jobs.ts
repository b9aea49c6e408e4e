import type { Collation } from '@orca/protocol';
import type { Queries } from '../connect.ts';
import { sqlFile } from '../sql-blocks.ts';
import { labelText } from './label-job.ts';

const sql = sqlFile(import.meta.url, 'bulk.sql');

/** Where a job may be. */
export type SteerableState = 'waiting' | 'held' | 'grading' | 'finished';

/** Which jobs are meant: those that have all of it. */
export type JobSearch = {
  states: readonly SteerableState[];
  /** Hostnames; `null`: those of all clients. */
  clients: readonly string[] | null;
  collation?: Partial<Collation>;
  metadata?: Readonly<Record<string, string>>;
  imageSha: string | null;
  arrivedAfter: Date | null;
  arrivedBefore: Date | null;
};

/** So many of the jobs that ended last are looked through: no index finds them by their labels. */
const FINISHED_SEARCHED_MAX = 50_000;

/**
 * Finds jobs to do something with.
 *
 * @param limit at most so many
 * @returns their ids, the lowest first; which ones, where there are more, is not said
 */
export async function findJobs(db: Queries, search: JobSearch, limit: number): Promise<number[]> {
  const { clients, collation, metadata, imageSha, arrivedAfter, arrivedBefore } = search;
  const others = {
    ...(collation === undefined ? {} : { collation }),
    ...(metadata === undefined ? {} : { metadata }),
  };
  const labels =
    clients === null ? [labelText(others)] : clients.map((client) => labelText({ client, ...others }));
  const ids: number[] = [];
  for (const state of search.states) {
    const parameters = [labels, imageSha, arrivedAfter, arrivedBefore, limit - ids.length];
    if (state === 'finished') parameters.push(FINISHED_SEARCHED_MAX);
    const found = await db.query<{ jobId: number }>(sql(`find_${state}_to_steer`), parameters);
    ids.push(...found.map(({ jobId }) => jobId));
  }
  return ids.sort((a, b) => a - b);
}
