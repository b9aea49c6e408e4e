import { createHash, randomBytes } from 'node:crypto';
import { createApiKey, type Database } from '@orca/database';

const KEY_BYTES = 24;

/** Makes a key for the course site on a host. @returns what goes into `x-api-key` */
export async function createClientKey(db: Database, hostname: string): Promise<string> {
  const key = randomBytes(KEY_BYTES).toString('base64url');
  const keySha256 = createHash('sha256').update(key).digest();
  await createApiKey(db, { keySha256, role: 'client', hostnames: [hostname] });
  return key;
}
