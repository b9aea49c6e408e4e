import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DatabaseError, type SchemaState } from '@orca/database';
import { settingsOf } from '../read-settings.ts';
import { GOOD_SERVER } from '../testing/facts.ts';
import { judgeServer, judgeUnreachable } from './database.ts';
import { connectionsOf, judgeConnections, judgeRights, judgeSchema } from './database-fitness.ts';
import { judgeTls } from './database-tls.ts';

const URL = 'postgresql://orca:s3cret@db.example.edu/orca';

test('judgeUnreachable() tells what to do by what the server said, and shows no password', () => {
  for (const [message, mend] of [
    ['connect ECONNREFUSED 10.0.0.1:5432', /start PostgreSQL on db\.example\.edu/],
    ['getaddrinfo ENOTFOUND db.example.edu', /start PostgreSQL on/],
    ['password authentication failed for user "orca"', /user and password of POSTGRES_URL/],
    ['database "orca" does not exist', /createdb --encoding UTF8/],
    ['self-signed certificate in certificate chain', /sslrootcert/],
  ] as const) {
    const cause = new Error(`${message} (${URL})`);
    const verdict = judgeUnreachable(new DatabaseError('database_unreachable', 'Cannot run', { cause }), URL);
    assert.match(verdict.kind === 'fail' ? verdict.mend : '', mend);
    assert.doesNotMatch(JSON.stringify(verdict), /s3cret/);
  }
  const old = judgeUnreachable(new DatabaseError('server_too_old', 'Cannot use PostgreSQL 12'), URL);
  assert.match(old.kind === 'fail' ? old.mend : '', /PostgreSQL 13 or newer/);
});

test('judgeServer() fails for another encoding, and warns of a version that was never tried', () => {
  assert.equal(judgeServer(GOOD_SERVER).kind, 'ok');
  assert.equal(judgeServer({ ...GOOD_SERVER, encoding: 'SQL_ASCII' }).kind, 'fail');
  assert.equal(judgeServer({ ...GOOD_SERVER, version: '18.1' }).kind, 'ok');
  assert.equal(judgeServer({ ...GOOD_SERVER, version: '19beta1' }).kind, 'warn');
});

test('judgeRights() wants the right to make the schema, then to use it and all its tables', () => {
  const fresh = { ...GOOD_SERVER, hasSchema: false, mayUse: false };
  assert.equal(judgeRights(fresh).kind, 'ok');
  assert.equal(judgeRights({ ...fresh, mayCreate: false }).kind, 'fail');
  assert.equal(judgeRights({ ...GOOD_SERVER, mayCreate: false }).kind, 'ok');
  assert.equal(judgeRights({ ...GOOD_SERVER, mayUse: false }).kind, 'fail');
  assert.equal(judgeRights({ ...GOOD_SERVER, closedTables: 1 }).kind, 'fail');
});

test('judgeConnections() warns when this machine may hold more than others leave', () => {
  assert.equal(
    judgeConnections({ ...GOOD_SERVER, connectionsMax: 30, connectionsOfOthers: 10 }, 20).kind,
    'ok',
  );
  assert.equal(
    judgeConnections({ ...GOOD_SERVER, connectionsMax: 30, connectionsOfOthers: 11 }, 20).kind,
    'warn',
  );
});

test('connectionsOf() counts what the programs of a role may hold', () => {
  const settings = settingsOf({ ORCA_CONCURRENCY: 8 }, []);
  const [orchestrator, worker, all] = (['orchestrator', 'worker', 'all'] as const).map((role) =>
    connectionsOf({ role, settings }),
  );
  assert.equal(orchestrator, 22);
  assert.equal(worker, 6);
  assert.equal(all, 28);
});

test('judgeSchema() fails for an older one unless the server mends that itself, and for a newer one', () => {
  const behind: SchemaState = { kind: 'behind', missing: ['0002_image_builds'] };
  assert.equal(judgeSchema({ kind: 'current' }, false).kind, 'ok');
  assert.equal(judgeSchema(behind, true).kind, 'warn');
  const old = judgeSchema(behind, false);
  assert.match(
    old.kind === 'fail' ? `${old.now} ${old.mend}` : '',
    /0002_image_builds is missing.*npm run migrate/,
  );
  const newer = judgeSchema({ kind: 'newer', found: 9, known: 2 }, true);
  assert.match(newer.kind === 'fail' ? `${newer.now} ${newer.mend}` : '', /number 9.*upgrade this checkout/);
});

for (const [what, url, isEncrypted, kinds] of [
  ['a database on this machine', 'postgres://orca@localhost/orca', false, ['ok', 'ok']],
  ['one behind a Unix socket', 'postgres:///orca?host=/run/postgresql', false, ['ok', 'ok']],
  ['a plain connection', URL, false, ['warn', 'fail']],
  ['no password', 'postgres://orca@db.example.edu/orca?sslmode=verify-full', true, ['ok', 'fail']],
  ['an unchecked certificate', `${URL}?sslmode=no-verify`, true, ['warn', 'warn']],
  ['a checked certificate', `${URL}?sslmode=verify-full`, true, ['ok', 'ok']],
] as const)
  test(`judgeTls() says ${kinds.join(', in production ')} for ${what}`, () => {
    const judge = (isProduction: boolean) => judgeTls({ url, isProduction }, { ...GOOD_SERVER, isEncrypted });
    assert.deepEqual([judge(false).kind, judge(true).kind], kinds);
    assert.doesNotMatch(JSON.stringify([judge(false), judge(true)]), /s3cret/);
  });
