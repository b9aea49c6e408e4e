import { loadEnvironment, parseSettings, renderHelp } from '@orca/daemon';
import { connectDatabase, migrate } from '@orca/database';
import { migrateSettings } from './server-settings.ts';

/**
 * `main.ts migrate`: brings the database's schema up to date. Safe beside running servers and a second migration.
 *
 * @returns the process's exit status: 0 when the schema is up to date
 */
export async function runMigrate(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    const summary = 'brings the schema of the database up to date, and stops';
    process.stdout.write(renderHelp({ name: 'orchestrator migrate', summary, settings: migrateSettings }));
    return 0;
  }
  const parsed = parseSettings(migrateSettings, loadEnvironment());
  if (parsed.kind === 'invalid') {
    process.stderr.write(`${parsed.problems.join('\n')}\n`);
    return 1;
  }
  try {
    await using db = await connectDatabase({
      url: parsed.values.POSTGRES_URL,
      applicationName: 'orca-migrate',
    });
    const { applied } = await migrate(db);
    process.stdout.write(
      applied.length === 0 ? 'The schema is up to date\n' : `Applied ${applied.join(', ')}\n`,
    );
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}
