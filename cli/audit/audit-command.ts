import { loadEnvironment } from '@orca/daemon';
import { connectDatabase, type Database, DatabaseError, listViolations } from '@orca/database';
import { connectEngine } from '@orca/docker';
import { findDatabase } from '../find-database.ts';
import { UserError } from '../user-error.ts';
import { findOrphans } from './find-orphans.ts';
import type { AuditOptions } from './register.ts';
import { type AuditReport, isSound, renderAudit } from './render-audit.ts';

/**
 * `orca audit`: checks that nothing is lost, doubled or left over.
 *
 * @returns the exit status
 * @throws {UserError} when the database cannot be asked
 */
export async function runAudit({ data, json }: AuditOptions): Promise<number> {
  const env = loadEnvironment();
  const url = await findDatabase(env, data);
  const report = await auditDatabase(url, env['DOCKER_HOST']);
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : renderAudit(report));
  return isSound(report) ? 0 : 1;
}

async function auditDatabase(url: string, dockerHost: string | undefined): Promise<AuditReport> {
  try {
    await using db = await connectDatabase({ url, applicationName: 'orca-audit' });
    return { violations: await listViolations(db), ...(await lookForOrphans(db, dockerHost)) };
  } catch (error) {
    if (error instanceof DatabaseError)
      throw new UserError(`Cannot audit the system: ${error.message}`, { cause: error });
    throw error;
  }
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
