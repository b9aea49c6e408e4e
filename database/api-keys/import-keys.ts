import { type Database, type Queries, RepeatTransaction } from '../connect.ts';
import { sqlFile } from '../sql-blocks.ts';
import { createApiKey } from './api-keys.ts';
import type { OldKey } from './old-keys.ts';
import { chooseUsable, type ImportStep, type KnownKey, planStep, type SkippedKey } from './plan-import.ts';

const sql = sqlFile(import.meta.url, 'old-keys.sql');

/** What an import did, or would do; no key stands in it. */
export type ImportReport = {
  /** New here; `id` is `null` when nothing was to be written. */
  created: { id: number | null; hostnames: string[] }[];
  /** Here before, and now for more hostnames. */
  widened: { id: number; added: string[] }[];
  /** Here before, just so. */
  kept: { id: number; hostnames: string[] }[];
  skipped: SkippedKey[];
};

/**
 * Takes over keys of the old system, as keys with the role `client`: all of them or none. Doing it again changes nothing.
 *
 * @param options.dryRun true: only says what would be done
 * @param options.note for the new keys
 */
export async function importApiKeys(
  db: Database,
  rows: readonly OldKey[],
  options: { dryRun: boolean; note: string },
): Promise<ImportReport> {
  const { usable, skipped } = chooseUsable(rows);
  return db.transaction(async (tx) => {
    const hashes = usable.map(({ keySha256 }) => keySha256);
    const known = await tx.query<KnownKey>(sql('find_keys_by_hash'), [hashes]);
    const byHash = new Map(known.map((key) => [key.keySha256.toString('hex'), key]));
    const report: ImportReport = { created: [], widened: [], kept: [], skipped: [...skipped] };
    for (const key of usable) {
      const step = planStep(key, byHash.get(key.keySha256.toString('hex')));
      await takeStep(tx, step, { report, ...options });
    }
    return report;
  });
}

async function takeStep(
  tx: Queries,
  step: ImportStep,
  { report, dryRun, note }: { report: ImportReport; dryRun: boolean; note: string },
): Promise<void> {
  switch (step.kind) {
    case 'create': {
      const { keySha256, hostnames } = step;
      const id = dryRun ? null : await createApiKey(tx, { keySha256, role: 'client', hostnames, note });
      // Another import has just made it: planned again, it is one to keep.
      if (id === null && !dryRun) throw new RepeatTransaction();
      report.created.push({ id, hostnames });
      return;
    }
    case 'widen':
      if (!dryRun) await tx.query(sql('add_hostnames'), [step.id, step.added]);
      report.widened.push({ id: step.id, added: step.added });
      return;
    case 'keep':
      report.kept.push({ id: step.id, hostnames: step.hostnames });
      return;
    case 'skip':
      report.skipped.push(step.skipped);
      return;
    default:
      return step satisfies never;
  }
}
