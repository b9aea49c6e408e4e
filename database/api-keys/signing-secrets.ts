import { randomBytes } from 'node:crypto';
import { type Database, type Queries, RepeatTransaction } from '../connect.ts';
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
  await makeSigningSecret(db, client);
  return list(db, client);
}

/**
 * Makes a client's first signing secret.
 *
 * @param client a hostname in lower case
 * @returns the secret, to be shown this once; `null` when the client has a current one already
 */
export async function makeSigningSecret(db: Queries, client: string): Promise<string | null> {
  const secret = newSecret();
  const [made] = await db.query(sql('make_signing_secret'), [client, secret]);
  return made === undefined ? null : secret;
}

/** A secret that signs, without itself. */
export type ListedSecret = {
  id: number;
  client: string;
  createdAt: Date;
  /** Until when it signs beside the current one; `null`: it is the current one. */
  expiresAt: Date | null;
};

/** All secrets that sign, by client, the current one first. */
export async function listSigningSecrets(db: Queries): Promise<ListedSecret[]> {
  return db.query<ListedSecret>(sql('list_signing_secrets_of_all'));
}

/** A client's new secret, and until when which of the former ones sign, too. */
export type Rotation = { secret: string; formerUntil: Date[] };

/**
 * Gives a client a new current secret. The former ones sign beside it for the time of the overlap, and not after it.
 *
 * @param client a hostname in lower case; one without a secret gets its first
 * @param overlapSeconds 0: the former ones sign nothing any more, from the next POST on
 * @param alsoWrite what else is stored in the same transaction, such as an entry of the audit trail
 */
export async function rotateSigningSecret(
  db: Database,
  client: string,
  overlapSeconds: number,
  alsoWrite: (tx: Queries) => Promise<void> = async () => {},
): Promise<Rotation> {
  const secret = newSecret();
  return db.transaction(async (tx) => {
    await tx.query(sql('forget_ended_secrets'), [client]);
    const former = await tx.query<{ expiresAt: Date }>(sql('end_signing_secrets'), [client, overlapSeconds]);
    const [made] = await tx.query(sql('make_signing_secret'), [client, secret]);
    // Another rotation came between: it was first, this one follows it.
    if (made === undefined) throw new RepeatTransaction();
    await alsoWrite(tx);
    return { secret, formerUntil: overlapSeconds === 0 ? [] : former.map(({ expiresAt }) => expiresAt) };
  });
}

function newSecret(): string {
  return `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
}

async function list(db: Queries, client: string): Promise<string[]> {
  const rows = await db.query<{ secret: string }>(sql('list_signing_secrets'), [client]);
  return rows.map(({ secret }) => secret);
}
