import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { createApiKey, findApiKey, listApiKeys, signingSecrets } from '@orca/database';
import { cloneDatabase, makeOldKeys } from '@orca/database/testing';
import { makeJob } from '../testing/make-job.ts';
import { runKeys } from '../testing/run-keys.ts';
import { startApi } from '../testing/start-api.ts';

const HOST = 'course.example.edu';
const KEY = /^ {2}x-api-key: ([0-9a-f]{64})$/m;
const SECRET = /^ {2}(whsec_\S+)$/m;
/** What security.md promises. */
const REVOKED_WITHIN_MS = 5_000;
const POLL_MS = 50;

test('keys create makes a key that lets in, for its hosts, and revoke ends it within 5 s', async () => {
  await using api = await startApi({ production: true });
  const created = await runKeys(api.databaseUrl, 'create', '--host', 'Course.Example.EDU');
  assert.deepEqual([created.status, created.stderr], [0, '']);
  const key = KEY.exec(created.stdout)?.[1] ?? '';
  const headers = { 'x-api-key': key };
  assert.equal((await api.put(makeJob(), headers)).status, 200);
  const elsewhere = makeJob({ key: '2', response_url: 'https://other.example.edu/x' });
  assert.equal((await api.put(elsewhere, headers)).status, 401);
  const [stored] = await listApiKeys(api.db);
  assert.deepEqual([stored?.role, stored?.hostnames], ['client', [HOST]]);
  assert.deepEqual(await signingSecrets(api.db, HOST), [SECRET.exec(created.stdout)?.[1]]);

  const revoked = await runKeys(api.databaseUrl, 'revoke', String(stored?.id));
  const revokedMs = performance.now();
  assert.deepEqual([revoked.status, revoked.stderr], [0, '']);
  while ((await api.put(makeJob(), headers)).status !== 401) {
    assert.ok(performance.now() - revokedMs < REVOKED_WITHIN_MS, 'a revoked key still works');
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  const again = await runKeys(api.databaseUrl, 'revoke', String(stored?.id));
  assert.equal(again.status, 0);
  assert.match(again.stdout, /is revoked since 2\d{3}-/);
  const unknown = await runKeys(api.databaseUrl, 'revoke', '4711');
  assert.deepEqual([unknown.status, unknown.stdout], [1, '']);
  assert.match(unknown.stderr, /^Cannot revoke key 4711: there is none/);
});

test('keys create shows secrets this once, as JSON too, and makes none where there is one', async () => {
  await using database = await cloneDatabase();
  const first = await runKeys(database.url, 'create', '--host', HOST, '--role', 'staff', '--json');
  const made = JSON.parse(first.stdout);
  const [{ client, secret }] = made.signing_secrets;
  assert.deepEqual([client, [secret]], [HOST, await signingSecrets(database.db, HOST)]);
  const hash = createHash('sha256').update(made.key).digest();
  assert.equal((await findApiKey(database.db, hash))?.id, made.id);

  const second = await runKeys(database.url, 'create', '--host', HOST, '--note', 'autumn', '--expires', '1d');
  assert.match(second.stdout, new RegExp(`${HOST} has a signing secret already`));
  assert.doesNotMatch(second.stdout, SECRET);
  const listed = await runKeys(database.url, 'list');
  assert.match(listed.stdout, /^1 {2}active {2}staff {2}course\.example\.edu$/m);
  assert.match(listed.stdout, /expires 2\d{3}-.* UTC, never used\n {3}autumn$/m);
  const json = await runKeys(database.url, 'list', '--json');
  assert.deepEqual(
    JSON.parse(json.stdout).keys.map((one: { id: number; state: string }) => [one.id, one.state]),
    [
      [1, 'active'],
      [2, 'active'],
    ],
  );
  const all = [listed, json, await runKeys(database.url, 'secrets', 'list')]
    .map(({ stdout }) => stdout)
    .join();
  for (const hidden of [made.key, secret, hash.toString('hex')]) assert.ok(!all.includes(hidden));
});

test('keys secrets rotate gives a secret beside which the former one signs', async () => {
  await using database = await cloneDatabase();
  const [former] = await signingSecrets(database.db, HOST);
  const rotated = await runKeys(database.url, 'secrets', 'rotate', HOST, '--overlap', '2h');
  assert.deepEqual([rotated.status, rotated.stderr], [0, '']);
  const secret = SECRET.exec(rotated.stdout)?.[1];
  assert.match(rotated.stdout, /signed with the former secret, too, until 2\d{3}-/);
  assert.deepEqual(await signingSecrets(database.db, HOST), [secret, former]);
  const listed = await runKeys(database.url, 'secrets', 'list', '--json');
  assert.deepEqual(
    JSON.parse(listed.stdout).secrets.map((one: { client: string; signs_until: string | null }) => [
      one.client,
      one.signs_until === null,
    ]),
    [
      [HOST, true],
      [HOST, false],
    ],
  );
  const last = await runKeys(database.url, 'secrets', 'rotate', HOST, '--overlap', '0', '--json');
  assert.deepEqual(await signingSecrets(database.db, HOST), [JSON.parse(last.stdout).secret]);
});

test('keys import lets course sites keep the keys of the old system, and prints none', async () => {
  await using api = await startApi({ production: true });
  const [one, two] = ['a1'.repeat(32), 'b2'.repeat(64)];
  await makeOldKeys(api.databaseUrl, [
    [one, HOST],
    [two, 'other.example.edu'],
    ['guessable', HOST],
  ]);
  const put = (key: string) => api.put(makeJob(), { 'x-api-key': key });
  const dry = await runKeys(api.databaseUrl, 'import', '--dry-run');
  assert.match(dry.stdout, /^would be taken: course\.example\.edu$/m);
  assert.equal((await put(one)).status, 401);

  const imported = await runKeys(`${api.databaseUrl}?schema=public`, 'import');
  assert.deepEqual([imported.status, imported.stderr], [0, '']);
  assert.match(
    imported.stdout,
    /^skipped, for "course\.example\.edu": the key is shorter than 32 characters/m,
  );
  assert.match(imported.stdout, /^2 taken, 0 widened, 0 here already, 1 skipped$/m);
  assert.deepEqual([(await put(one)).status, (await put(two)).status], [200, 401]);

  const again = await runKeys(api.databaseUrl, 'import', '--table', 'public.ApiKey', '--json');
  const { table, kept, created } = JSON.parse(again.stdout);
  assert.deepEqual([table, kept.length, created], ['public.ApiKey', 2, []]);
  for (const { stdout } of [dry, imported, again]) assert.doesNotMatch(stdout, /a1a1|b2b2|guessable/);
});

test('keys import looks in the schema that POSTGRES_URL names, and says what it does not find', async () => {
  await using database = await cloneDatabase();
  const missing = await runKeys(`${database.url}?schema=legacy`, 'import');
  assert.equal(missing.status, 1);
  assert.match(missing.stderr, /^Cannot import keys from "legacy\.ApiKey": there is no such table/);
  const other = await runKeys(`${database.url}?schema=orca`, 'import', '--table', 'signing_secrets');
  assert.equal(other.status, 1);
  assert.match(other.stderr, /"orca\.signing_secrets": its columns are id, client, secret/);
});

test('keys says what hinders it, without the password, and with its status', async () => {
  const wrong = await runKeys(null, 'create', '--host', 'https://a.example');
  assert.deepEqual([wrong.status, wrong.stdout], [2, '']);
  assert.match(wrong.stderr, /has a scheme.*\n"keys create --help" shows examples\n$/);
  const unset = await runKeys(null, 'list');
  assert.equal(unset.status, 1);
  assert.match(unset.stderr, /POSTGRES_URL/);
  const away = await runKeys('postgres://orca:s3cret@127.0.0.1:1/orca', 'list');
  assert.equal(away.status, 1);
  assert.match(away.stderr, /does not answer \(ECONNREFUSED\)/);
  assert.doesNotMatch(away.stderr, /s3cret/);
  const help = await runKeys(null, 'create', '--help');
  assert.equal(help.status, 0);
  assert.match(help.stdout, /Examples:/);
});

test('keys asks for a migration where Orca has made nothing yet', async () => {
  await using database = await cloneDatabase();
  const url = new URL(database.url);
  url.pathname = '/postgres';
  const { status, stderr } = await runKeys(url.href, 'list');
  assert.equal(status, 1);
  assert.match(stderr, /0001_queue.* is missing; run "npm run migrate"/);
});

test('an expired key is refused as a wrong one is', async () => {
  await using api = await startApi({ production: true });
  const key = 'e'.repeat(64);
  const keySha256 = createHash('sha256').update(key).digest();
  const expiresAt = new Date(Date.now() - 1_000);
  await createApiKey(api.db, { keySha256, role: 'client', hostnames: [HOST], expiresAt });
  assert.equal((await api.put(makeJob(), { 'x-api-key': key })).status, 401);
});
