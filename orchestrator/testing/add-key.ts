import { createHash } from 'node:crypto';
import { createApiKey, type Database } from '@orca/database';

/** Makes an API key known; its role is `client` and its host that of {@link makeJob} unless a test says otherwise. */
export async function addKey(
  db: Database,
  key: string,
  role: 'client' | 'staff' | 'admin' = 'client',
  hostnames: string[] = ['course.example.edu'],
): Promise<void> {
  const keySha256 = createHash('sha256').update(key).digest();
  await createApiKey(db, { keySha256, role, hostnames });
}
