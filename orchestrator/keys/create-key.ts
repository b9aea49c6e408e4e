import { createHash, randomBytes } from 'node:crypto';
import { createApiKey, type Database, makeSigningSecret, noteAudit } from '@orca/database';
import type { KeysAnswer } from './answer.ts';
import { byOperator } from './by-operator.ts';
import { renderCreated } from './render-keys.ts';
import type { KeysCall } from './read-arguments.ts';

const KEY_BYTES = 32;

/** A host's new signing secret; `null`: it had one already, which is not shown again. */
export type HostSecret = { client: string; secret: string | null };

/** Makes an API key, and a signing secret for each of its hosts that has none. Only the key's hash is stored. */
export async function createKey(
  call: Extract<KeysCall, { kind: 'create' }>,
  { db }: { db: Database },
): Promise<KeysAnswer> {
  const { role, hostnames, note, expiresAt } = call;
  const key = randomBytes(KEY_BYTES).toString('hex');
  const keySha256 = createHash('sha256').update(key).digest();
  const made = await db.transaction(async (tx) => {
    const id = await createApiKey(tx, {
      ...{ keySha256, role, hostnames, note },
      ...(expiresAt === null ? {} : { expiresAt }),
    });
    const secrets: HostSecret[] = [];
    for (const client of hostnames) secrets.push({ client, secret: await makeSigningSecret(tx, client) });
    if (id !== null)
      await noteAudit(
        tx,
        byOperator('create_key', `key ${id}`, `${role} for ${hostnames.join(', ') || 'all'}`),
      );
    return { id, secrets };
  });
  if (made.id === null) throw new Error('Cannot make a key: a random one stands in the database already');
  return renderCreated({ id: made.id, key, secrets: made.secrets }, call);
}
