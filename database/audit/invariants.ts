import type { Queries } from '../connect.ts';
import { RUNS_MAX } from '../queue/exhaust.ts';
import { sqlFile } from '../sql-blocks.ts';

const sql = sqlFile(import.meta.url, 'invariants.sql');

/** Most that is told of one invariant: what is broken once may be broken a million times. */
const VIOLATIONS_MAX = 100;

/** What must hold at every moment: its name, the statement that finds where it does not, and what that needs to know. */
const INVARIANTS = [
  { invariant: 'each_job_has_a_place', find: 'list_unserved_submitters', parameters: [] },
  { invariant: 'each_job_has_a_place', find: 'list_named_jobs_without_place', parameters: [] },
  { invariant: 'each_job_has_a_place', find: 'list_held_jobs_without_place', parameters: [] },
  { invariant: 'each_place_has_a_job', find: 'list_places_that_serve_none', parameters: [] },
  { invariant: 'each_end_has_a_result', find: 'list_finished_jobs_without_result', parameters: [] },
  { invariant: 'each_result_has_an_end', find: 'list_early_results', parameters: [] },
  { invariant: 'each_result_is_owed', find: 'list_results_owed_to_nobody', parameters: [] },
  { invariant: 'the_result_is_last', find: 'list_statuses_after_result', parameters: [] },
  { invariant: 'each_run_has_its_token', find: 'list_shared_leases', parameters: [] },
  { invariant: 'no_run_is_early', find: 'list_early_runs', parameters: [] },
  { invariant: 'three_faults_end_a_job', find: 'list_unended_failures', parameters: [RUNS_MAX] },
] as const satisfies readonly { invariant: string; find: string; parameters: readonly unknown[] }[];

/** Where the queue is not as it must be. */
export type Violation = {
  invariant: (typeof INVARIANTS)[number]['invariant'];
  /** What is wrong, for people. */
  sentence: string;
  /** A job that it is about; `null` when there is none. */
  jobId: number | null;
};

/**
 * Lists where the queue breaks what docs/job-lifecycle.md promises. It reads all jobs, locks nothing, and may be asked at
 * any time: each statement sees one moment, and at every moment all of it must hold.
 *
 * That there is at most one result for a generation, and one delivery for a result, unique indexes see to.
 *
 * @returns nothing when all is well; at most a hundred of each kind
 */
export async function listViolations(db: Queries): Promise<Violation[]> {
  const violations: Violation[] = [];
  for (const { invariant, find, parameters } of INVARIANTS) {
    const rows = await db.query<Omit<Violation, 'invariant'>>(sql(find), [VIOLATIONS_MAX, ...parameters]);
    violations.push(...rows.map((row) => ({ invariant, ...row })));
  }
  return violations;
}
