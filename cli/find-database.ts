import type { Environment } from '@orca/daemon';
import { findKeptPostgres } from './up/keep-postgres.ts';
import { UserError } from './user-error.ts';

/**
 * Finds the database that a command of an operator means: the one in `POSTGRES_URL`, else that of the `orca up` that runs.
 *
 * @param data where that `orca up` keeps its data
 * @throws {UserError} when there is none to be found
 */
export async function findDatabase(env: Environment, data: string): Promise<string> {
  const url = env['POSTGRES_URL'] || (await findKeptPostgres(data));
  if (url !== null) return url;
  throw new UserError(
    `Cannot find the database: POSTGRES_URL is not set, and no "orca up" whose PostgreSQL this user may use runs ` +
      `with the data in "${data}". Start it, name its folder with --data, or set POSTGRES_URL`,
  );
}
