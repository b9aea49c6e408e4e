import {
  type Database,
  type ImportReport,
  importApiKeys,
  noteAudit,
  type OldKeyTable,
  readOldKeys,
} from '@orca/database';
import type { KeysAnswer } from './answer.ts';
import { byOperator } from './by-operator.ts';
import type { KeysCall } from './read-arguments.ts';

/**
 * Takes over the old system's keys.
 *
 * @param deps.schema where its table is looked for unless the call names a schema
 */
export async function importOldKeys(
  call: Extract<KeysCall, { kind: 'import' }>,
  { db, schema }: { db: Database; schema: string },
): Promise<KeysAnswer> {
  const place: OldKeyTable = { schema: call.schema ?? schema, table: call.table };
  const name = `${place.schema}.${place.table}`;
  const old = await readOldKeys(db, place);
  switch (old.kind) {
    case 'no_table':
      return refuse(
        name,
        'there is no such table here, or not for this user; name it as it is written there, with --table schema.table',
      );
    case 'other_columns':
      return refuse(
        name,
        `its columns are ${old.columns.join(', ')}, and not value and hostname; name another with --table`,
      );
    case 'too_many':
      return refuse(name, `it has more than ${old.max} rows: it is no table of keys`);
    case 'rows': {
      const options = { dryRun: call.dryRun, note: `imported from ${name}` };
      const report = await importApiKeys(db, old.rows, options);
      if (!call.dryRun) await noteImport(name, report, db);
      return renderReport(name, call.dryRun, report);
    }
    default:
      return old satisfies never;
  }
}

async function noteImport(table: string, report: ImportReport, db: Database): Promise<void> {
  const { created, widened, kept, skipped } = report;
  const outcome = `taken: ${created.length}, widened: ${widened.length}, here: ${kept.length}, skipped: ${skipped.length}`;
  await noteAudit(db, byOperator('import_keys', `table ${table}`, outcome));
}

function refuse(name: string, why: string): KeysAnswer {
  return { kind: 'refused', sentence: `Cannot import keys from ${JSON.stringify(name)}: ${why}` };
}

function renderReport(table: string, dryRun: boolean, report: ImportReport): KeysAnswer {
  const { created, widened, kept, skipped } = report;
  const would = dryRun ? 'would be ' : '';
  const lines = [
    ...created.map(
      ({ id, hostnames }) => `${would}taken${id === null ? '' : ` as key ${id}`}: ${hostnames.join(', ')}`,
    ),
    ...widened.map(({ id, added }) => `key ${id} ${would}also for: ${added.join(', ')}`),
    ...kept.map(({ id, hostnames }) => `here already as key ${id}: ${hostnames.join(', ')}`),
    // As they stand in the old table: whatever characters those are.
    ...skipped.map(
      ({ hostnames, reason }) =>
        `skipped, for ${hostnames.map((host) => JSON.stringify(host)).join(', ')}: ${reason}`,
    ),
    `${created.length} ${would}taken, ${widened.length} ${would}widened, ${kept.length} here already, ${skipped.length} skipped`,
  ];
  return {
    kind: 'done',
    text: `${lines.join('\n')}\n`,
    json: { table, dry_run: dryRun, created, widened, kept, skipped },
  };
}
