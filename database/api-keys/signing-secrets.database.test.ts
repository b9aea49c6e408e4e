import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cloneDatabase, passTime } from '../testing/index.ts';
import {
  listSigningSecrets,
  makeSigningSecret,
  rotateSigningSecret,
  signingSecrets,
} from './signing-secrets.ts';

const CLIENT = 'course.example.edu';
const HOUR_SECONDS = 3_600;

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

test('makeSigningSecret() gives a secret once, and never a second one', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const made = await Promise.all([makeSigningSecret(db, CLIENT), makeSigningSecret(db, CLIENT)]);
  const [secret] = made.filter((one) => one !== null);
  assert.deepEqual(made.filter((one) => one === null).length, 1);
  assert.deepEqual(await signingSecrets(db, CLIENT), [secret]);
});

test('rotateSigningSecret() lets the former secret sign until the overlap ends', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const [former] = await signingSecrets(db, CLIENT);
  const [other] = await signingSecrets(db, 'other.example.edu');
  const rotated = await rotateSigningSecret(db, CLIENT, HOUR_SECONDS);
  assert.equal(rotated.formerUntil.length, 1);
  assert.deepEqual(await signingSecrets(db, CLIENT), [rotated.secret, former]);
  const again = await rotateSigningSecret(db, CLIENT, 24 * HOUR_SECONDS);
  assert.deepEqual(await signingSecrets(db, CLIENT), [again.secret, rotated.secret, former]);
  assert.deepEqual(
    (await listSigningSecrets(db)).map(({ client, expiresAt }) => [client, expiresAt === null]),
    [
      [CLIENT, true],
      [CLIENT, false],
      [CLIENT, false],
      ['other.example.edu', true],
    ],
  );
  await passTime(database.url, HOUR_SECONDS + 1);
  assert.deepEqual(await signingSecrets(db, CLIENT), [again.secret, rotated.secret]);
  await passTime(database.url, 23 * HOUR_SECONDS);
  assert.deepEqual(await signingSecrets(db, CLIENT), [again.secret]);
  assert.deepEqual(await signingSecrets(db, 'other.example.edu'), [other]);
});

test('rotateSigningSecret() without overlap ends every former secret at once', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  assert.deepEqual((await rotateSigningSecret(db, CLIENT, HOUR_SECONDS)).formerUntil, []);
  await rotateSigningSecret(db, CLIENT, HOUR_SECONDS);
  const last = await rotateSigningSecret(db, CLIENT, 0);
  assert.deepEqual(last.formerUntil, []);
  assert.deepEqual(await signingSecrets(db, CLIENT), [last.secret]);
});

test('rotateSigningSecret() by several at once leaves one current secret, and none is lost', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const [first] = await signingSecrets(db, CLIENT);
  const rotations = await Promise.all(
    Array.from({ length: 4 }, () => rotateSigningSecret(db, CLIENT, HOUR_SECONDS)),
  );
  const all = [first, ...rotations.map(({ secret }) => secret)];
  assert.deepEqual((await signingSecrets(db, CLIENT)).sort(), all.sort());
  const current = (await listSigningSecrets(db)).filter(({ expiresAt }) => expiresAt === null);
  assert.equal(current.length, 1);
});
