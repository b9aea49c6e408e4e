import { randomBytes } from 'node:crypto';
import type { Queries } from '../connect.ts';
import { sqlFile } from '../sql-blocks.ts';

const sql = sqlFile(import.meta.url, 'signing-secrets.sql');

/** Standard Webhooks asks for 24 to 64 bytes. */
const SECRET_BYTES = 32;

/**
 * The secrets that a client's POSTs are signed with, the current one first. The first is made when it is first needed.
 *
 * @param client a hostname in lower case
 * @returns at least one, each as `whsec_…`
 * @see {@link https://www.standardwebhooks.com} Signature scheme
 */
export async function signingSecrets(db: Queries, client: string): Promise<string[]> {
  const known = await list(db, client);
  if (known.length > 0) return known;
  const secret = `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
  await db.query(sql('make_signing_secret'), [client, secret]);
  return list(db, client);
}

async function list(db: Queries, client: string): Promise<string[]> {
  const rows = await db.query<{ secret: string }>(sql('list_signing_secrets'), [client]);
  return rows.map(({ secret }) => secret);
}
