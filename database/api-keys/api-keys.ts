import type { Queries } from '../connect.ts';
import { sqlFile } from '../sql-blocks.ts';

const sql = sqlFile(import.meta.url, 'api-keys.sql');

/** What a key may do: the contract for its hosts, what is beyond it for its hosts, everything for all hosts. */
export type ApiKeyRole = 'client' | 'staff' | 'admin';

/** A key that is valid now. */
export type ApiKey = { id: number; role: ApiKeyRole; hostnames: string[] };

/** A key to be made known; the key itself is never stored. */
export type NewApiKey = {
  keySha256: Buffer;
  role: ApiKeyRole;
  /** Lower-case hostnames of the clients that it stands for; of no account for an `admin`. */
  hostnames: readonly string[];
  note?: string;
  expiresAt?: Date;
};

/**
 * Looks a key up by its SHA-256.
 *
 * @returns `null` when it is unknown, revoked or expired
 */
export async function findApiKey(db: Queries, keySha256: Buffer): Promise<ApiKey | null> {
  const [key] = await db.query<ApiKey>(sql('find_api_key'), [keySha256]);
  return key ?? null;
}

/**
 * Makes a key known.
 *
 * @returns its id, or `null` when there is one with this hash already
 */
export async function createApiKey(db: Queries, key: NewApiKey): Promise<number | null> {
  const { keySha256, role, hostnames, note, expiresAt } = key;
  const parameters = [keySha256, role, hostnames, note ?? '', expiresAt ?? null];
  const [created] = await db.query<{ id: number }>(sql('create_api_key'), parameters);
  return created?.id ?? null;
}

/** A key that was ever made. */
export type ListedApiKey = ApiKey & {
  note: string;
  createdAt: Date;
  /** `null`: never. */
  expiresAt: Date | null;
  revokedAt: Date | null;
  /** To the minute; `null`: not yet. */
  lastUsedAt: Date | null;
  state: 'active' | 'expired' | 'revoked';
};

/** All keys that were ever made, oldest first. An operator makes them by hand, so there are no pages. */
export async function listApiKeys(db: Queries): Promise<ListedApiKey[]> {
  return db.query<ListedApiKey>(sql('list_api_keys'));
}

/** What became of a key that was to be revoked. */
export type Revocation = { kind: 'revoked' } | { kind: 'was_revoked'; at: Date } | { kind: 'unknown' };

/** Revokes a key for good. Servers that have just seen it let it in for some seconds yet. */
export async function revokeApiKey(db: Queries, id: number): Promise<Revocation> {
  const [found] = await db.query<{ revokedAt: Date | null }>(sql('revoke_api_key'), [id]);
  if (found === undefined) return { kind: 'unknown' };
  return found.revokedAt === null ? { kind: 'revoked' } : { kind: 'was_revoked', at: found.revokedAt };
}

/**
 * Writes down that a key was used just now, unless that was written less than some seconds ago.
 *
 * @param everySeconds how exact the time is
 */
export async function noteApiKeyUse(db: Queries, id: number, everySeconds: number): Promise<void> {
  await db.query(sql('note_api_key_use'), [id, everySeconds]);
}

/** How many keys were ever made. */
export async function countApiKeys(db: Queries): Promise<number> {
  const [row] = await db.query<{ keys: number }>(sql('count_api_keys'));
  return row?.keys ?? 0;
}
