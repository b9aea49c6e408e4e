import { connectDatabase, type ConnectOptions, type Database } from './connect.ts';
import { findSchemaState, migrate } from './migrate.ts';
import { remarkOnUrl, type RemarkLog } from './postgres-url.ts';

/**
 * Connects one of Orca's programs to the database, and sees to its schema.
 *
 * @param program.mayMigrate brings it up to date; where other programs may still run on the old one nobody does so unasked
 * @throws {DatabaseError} when it does not answer
 * @throws {Error} that says what to do when the schema is another one
 */
export async function openDatabase(
  program: Omit<ConnectOptions, 'onError'> & { readonly mayMigrate: boolean },
  log: RemarkLog,
): Promise<Database> {
  const { mayMigrate, ...options } = program;
  remarkOnUrl(options.url, log);
  const onError = (err: unknown): void => log.warn({ err }, 'a connection to the database was lost');
  const db = await connectDatabase({ ...options, onError });
  try {
    await ensureSchema(db, mayMigrate, log);
    return db;
  } catch (error) {
    await db[Symbol.asyncDispose]();
    throw error;
  }
}

async function ensureSchema(db: Database, mayMigrate: boolean, log: RemarkLog): Promise<void> {
  if (mayMigrate) {
    const { applied } = await migrate(db);
    if (applied.length > 0) log.info({ applied }, 'database migrated');
    return;
  }
  const trouble = await findSchemaTrouble(db);
  if (trouble !== null) throw new Error(trouble);
}

/**
 * Whether a database has another schema than this Orca needs.
 *
 * @returns a sentence that says what to do, or `null`
 */
export async function findSchemaTrouble(db: Database): Promise<string | null> {
  const state = await findSchemaState(db);
  switch (state.kind) {
    case 'current':
      return null;
    case 'newer':
      return `Cannot use the schema of the database: it is number ${state.found}, and this Orca knows only up to ${state.known}; update this Orca, or restore a backup made before the update`;
    case 'behind':
      return `Cannot use the schema of the database: ${state.missing.join(', ')} is missing; run "npm run migrate" in orchestrator/ of this version`;
    default:
      return state satisfies never;
  }
}
