import type { Logger } from '@orca/daemon';
import {
  connectDatabase,
  type Database,
  findSchemaState,
  migrate,
  remarkOnUrl,
  type SchemaState,
} from '@orca/database';

/**
 * Connects one of the orchestrator's programs to the database, and sees to its schema: in production nobody changes it
 * unasked, since other programs may still run on the old one.
 *
 * @throws {DatabaseError} when it does not answer
 * @throws {Error} that says what to do when the schema is another one
 */
export async function openDatabase(
  settings: { readonly POSTGRES_URL: string; readonly ENVIRONMENT: string },
  applicationName: string,
  log: Logger,
): Promise<Database> {
  remarkOnUrl(settings.POSTGRES_URL, log);
  const db = await connectDatabase({
    url: settings.POSTGRES_URL,
    applicationName,
    onError: (err) => log.warn({ err }, 'a connection to the database was lost'),
  });
  try {
    await ensureSchema(db, settings.ENVIRONMENT === 'production', log);
    return db;
  } catch (error) {
    await db[Symbol.asyncDispose]();
    throw error;
  }
}

async function ensureSchema(db: Database, production: boolean, log: Logger): Promise<void> {
  if (!production) {
    const { applied } = await migrate(db);
    if (applied.length > 0) log.info({ applied }, 'database migrated');
    return;
  }
  const state = await findSchemaState(db);
  if (state.kind === 'current') return;
  throw new Error(`Cannot use the schema of the database: ${remedyOf(state)}`);
}

function remedyOf(state: Exclude<SchemaState, { kind: 'current' }>): string {
  switch (state.kind) {
    case 'newer':
      return `it is number ${state.found}, and this Orca knows only up to ${state.known}; update this Orca, or restore a backup made before the update`;
    case 'behind':
      return `${state.missing.join(', ')} is missing; run "npm run migrate" in orchestrator/ of this version`;
    default:
      return state satisfies never;
  }
}
