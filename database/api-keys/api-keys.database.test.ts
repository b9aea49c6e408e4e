import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { cloneDatabase, passTime } from '../testing/index.ts';
import { countApiKeys, createApiKey, findApiKey } from './api-keys.ts';
import { signingSecrets } from './signing-secrets.ts';

function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

test('findApiKey() finds a key by its hash, and only that key', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  assert.equal(await countApiKeys(db), 0);
  const hostnames = ['course.example.edu', 'other.example.edu'];
  const id = await createApiKey(db, { keySha256: hashOf('secret'), role: 'client', hostnames });
  assert.deepEqual(await findApiKey(db, hashOf('secret')), { id, role: 'client', hostnames });
  assert.equal(await findApiKey(db, hashOf('Secret')), null);
  assert.equal(await countApiKeys(db), 1);
});

test('findApiKey() does not find a key that has expired', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const expiresAt = new Date(Date.now() + 100_000);
  await createApiKey(db, { keySha256: hashOf('secret'), role: 'admin', hostnames: [], expiresAt });
  assert.notEqual(await findApiKey(db, hashOf('secret')), null);
  await passTime(database.url, 200);
  assert.equal(await findApiKey(db, hashOf('secret')), null);
});

test('createApiKey() refuses the same key twice', async () => {
  await using database = await cloneDatabase();
  const key = { keySha256: hashOf('secret'), role: 'staff', hostnames: ['course.example.edu'] } as const;
  assert.notEqual(await createApiKey(database.db, key), null);
  assert.equal(await createApiKey(database.db, key), null);
});

test('signingSecrets() makes one secret for a client, however many ask at once', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => signingSecrets(db, 'course.example.edu')),
  );
  const [secret] = answers[0] ?? [];
  assert.match(secret ?? '', /^whsec_[A-Za-z0-9+/]{43}=$/);
  for (const answer of answers) assert.deepEqual(answer, [secret]);
  assert.notDeepEqual(await signingSecrets(db, 'other.example.edu'), [secret]);
});
