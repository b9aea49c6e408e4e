import type { Queries } from '../connect.ts';
import { sqlFile } from '../sql-blocks.ts';

const sql = sqlFile(import.meta.url, 'audit-trail.sql');

/** Who does something that is written down. */
export type AuditActor = {
  /** `key 3`, `loopback` or `command line`; never a key itself. */
  actor: string;
  /** The API key's id; `null` for the others. */
  keyId: number | null;
  /** `operator`: whoever runs commands beside the database. */
  role: 'client' | 'staff' | 'admin' | 'operator';
  /** Finds the request in the log; `null` for the command line. */
  requestId: string | null;
};

/** What somebody did. No secret, no job's `key` and no URL may stand in it. */
export type AuditEntry = AuditActor & {
  /** A verb in lower case, such as `cancel` or `send_again`. */
  action: string;
  /** What it was done to, such as `job 17` or `client course.example.edu`. */
  target: string;
  /** What came of it, in words: `done`, `sent again: 12`, … */
  outcome: string;
};

/** An entry, as it stands in the trail. */
export type ListedAuditEntry = AuditEntry & { id: number; at: Date };

const TARGET_CHARACTERS_MAX = 256;
const OUTCOME_CHARACTERS_MAX = 1_024;

/**
 * Writes down what somebody did. The trail only grows: the database refuses changes.
 *
 * @param queries the transaction that does it, where there is one: both are stored, or neither
 */
export async function noteAudit(queries: Queries, entry: AuditEntry): Promise<void> {
  const { actor, keyId, role, action, target, requestId, outcome } = entry;
  await queries.query(sql('note_audit'), [
    ...[actor, keyId, role, action, storable(target, TARGET_CHARACTERS_MAX), requestId],
    storable(outcome, OUTCOME_CHARACTERS_MAX),
  ]);
}

/**
 * A page of the trail, the newest first.
 *
 * @param filter each exactly as it stands in the entries; `null` for any
 */
export async function listAuditTrail(
  db: Queries,
  filter: { actor: string | null; action: string | null; target: string | null },
  page: { limit: number; offset: number },
): Promise<ListedAuditEntry[]> {
  const { actor, action, target } = filter;
  return db.query(sql('list_audit_trail'), [actor, action, target, page.limit, page.offset]);
}

/** PostgreSQL's texts have no NUL. */
function storable(text: string, charactersMax: number): string {
  return text.replaceAll('\0', '\ufffd').slice(0, charactersMax).toWellFormed();
}
