import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { cloneDatabase, passTime } from '../testing/index.ts';
import {
  countApiKeys,
  createApiKey,
  findApiKey,
  listApiKeys,
  noteApiKeyUse,
  revokeApiKey,
} from './api-keys.ts';

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

test('revokeApiKey() revokes for good, once, and knows what it does not know', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const key = { keySha256: hashOf('secret'), role: 'client', hostnames: ['course.example.edu'] } as const;
  const id = await createApiKey(db, key);
  assert.ok(id !== null);
  const both = await Promise.all([revokeApiKey(db, id), revokeApiKey(db, id)]);
  assert.deepEqual(both.map(({ kind }) => kind).sort(), ['revoked', 'was_revoked']);
  const again = await revokeApiKey(db, id);
  assert.ok(again.kind === 'was_revoked' && again.at instanceof Date);
  assert.equal(await findApiKey(db, hashOf('secret')), null);
  assert.equal(await createApiKey(db, key), null, 'the same key does not come back');
  assert.deepEqual(await revokeApiKey(db, id + 1), { kind: 'unknown' });
});

test('listApiKeys() tells of every key in which state it is', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const hostnames = ['course.example.edu'];
  const expiresAt = new Date(Date.now() + 100_000);
  await createApiKey(db, { keySha256: hashOf('1'), role: 'client', hostnames, note: 'autumn' });
  await createApiKey(db, { keySha256: hashOf('2'), role: 'admin', hostnames: [], expiresAt });
  const revoked = await createApiKey(db, { keySha256: hashOf('3'), role: 'staff', hostnames, expiresAt });
  await revokeApiKey(db, revoked ?? 0);
  const states = async () => (await listApiKeys(db)).map(({ role, state }) => [role, state]);
  assert.deepEqual(await states(), [
    ['client', 'active'],
    ['admin', 'active'],
    ['staff', 'revoked'],
  ]);
  await passTime(database.url, 200);
  assert.deepEqual(await states(), [
    ['client', 'active'],
    ['admin', 'expired'],
    ['staff', 'revoked'],
  ]);
  const [first] = await listApiKeys(db);
  assert.ok(first !== undefined && first.createdAt instanceof Date);
  const { id, createdAt, ...rest } = first;
  assert.deepEqual(rest, {
    ...{ role: 'client', hostnames, note: 'autumn', state: 'active' },
    ...{ expiresAt: null, revokedAt: null, lastUsedAt: null },
  });
});

test('noteApiKeyUse() writes the time of a use, and not again within the time that is given', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const id = await createApiKey(db, { keySha256: hashOf('1'), role: 'admin', hostnames: [] });
  const lastUse = async () => (await listApiKeys(db))[0]?.lastUsedAt?.getTime();
  assert.equal(await lastUse(), undefined);
  await noteApiKeyUse(db, id ?? 0, 60);
  const first = await lastUse();
  assert.ok(first !== undefined);
  await noteApiKeyUse(db, id ?? 0, 60);
  assert.equal(await lastUse(), first);
  await passTime(database.url, 61);
  await noteApiKeyUse(db, id ?? 0, 60);
  assert.ok(Number(await lastUse()) >= first);
});
