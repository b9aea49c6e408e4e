import { type Environment, loadEnvironment } from '@orca/daemon';
import {
  connectDatabase,
  type Database,
  DatabaseError,
  listViolations,
  REPORT_STATEMENT_MS,
} from '@orca/database';
import { connectEngine } from '@orca/docker';
import { findDatabase } from '../find-database.ts';
import { UserError } from '../user-error.ts';
import { findOrphans } from './find-orphans.ts';
import type { AuditOptions } from './register.ts';
import { type AuditReport, isSound, renderAudit } from './render-audit.ts';

/** The status of an audit that could not look: it is no word on whether all holds. */
const BLIND_STATUS = 3;

/**
 * `orca audit`: checks that nothing is lost, doubled or left over.
 *
 * @returns the exit status
 * @throws {UserError} when the database cannot be found or asked
 */
export async function runAudit({ data, json }: AuditOptions): Promise<number> {
  const report = await auditSystem(loadEnvironment(), data);
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : renderAudit(report));
  return isSound(report) ? 0 : 1;
}

async function auditSystem(env: Environment, data: string): Promise<AuditReport> {
  try {
    return await auditDatabase(await findDatabase(env, data), env['DOCKER_HOST']);
  } catch (cause) {
    if (cause instanceof UserError) throw new UserError(cause.message, { cause, status: BLIND_STATUS });
    if (cause instanceof DatabaseError)
      throw new UserError(`Cannot audit the system: ${cause.message}`, { cause, status: BLIND_STATUS });
    throw cause;
  }
}

async function auditDatabase(url: string, dockerHost: string | undefined): Promise<AuditReport> {
  const applicationName = 'orca-audit';
  await using db = await connectDatabase({ url, applicationName, statementMs: REPORT_STATEMENT_MS });
  return { violations: await listViolations(db), ...(await lookForOrphans(db, dockerHost)) };
}

/** An engine that is elsewhere, or does not answer, is no reason not to look at the queue. */
async function lookForOrphans(
  db: Database,
  dockerHost: string | undefined,
): Promise<Pick<AuditReport, 'orphans' | 'engine'>> {
  try {
    return { orphans: await findOrphans(db, await connectEngine(dockerHost)), engine: null };
  } catch (error) {
    if (error instanceof DatabaseError) throw error;
    return { orphans: null, engine: error instanceof Error ? error.message : String(error) };
  }
}
