import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { loadEnvironment } from '@orca/daemon';
import { findDatabase } from '../find-database.ts';
import { REPOSITORY } from '../repository.ts';

const FAILED_STATUS = 1;
const HELP_FLAGS = ['--help', '-h'];

/**
 * Runs `keys …` of the orchestrator's program, on the database in `POSTGRES_URL`, else on the one that `orca up` runs.
 * Input, output and status are the program's own: there is one `keys`, whichever way it is called.
 *
 * @param args as that program takes them
 * @throws {UserError} when there is no database to be found
 */
export async function runKeys(args: readonly string[], { data }: { readonly data: string }): Promise<number> {
  const env = loadEnvironment();
  const needsDatabase = !args.some((argument) => HELP_FLAGS.includes(argument));
  const url = needsDatabase ? await findDatabase(env, data) : null;
  const child = spawn(process.execPath, [REPOSITORY.orchestrator, 'keys', ...args], {
    env: url === null ? env : { ...env, POSTGRES_URL: url },
    stdio: 'inherit',
  });
  const [status] = await once(child, 'exit');
  return typeof status === 'number' ? status : FAILED_STATUS;
}
