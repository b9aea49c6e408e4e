import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePostgresUrl, remarkOnUrl, withoutPrismaParameters } from './postgres-url.ts';

const BASE = 'postgresql://u:p%40ss@db:5432/orca';

/** The parameters that are left for node-postgres. */
const left = (parameters: string): string => new URL(parsePostgresUrl(`${BASE}?${parameters}`).url).search;

test('parsePostgresUrl() takes out what only Prisma understands, names it, and keeps the rest', () => {
  const parameters =
    'schema=legacy&connection_limit=5&pool_timeout=2&pgbouncer=true&connect_timeout=10&socket_timeout=3' +
    '&statement_cache_size=0&sslmode=disable&options=-c%20work_mem%3D8MB';
  assert.deepEqual(parsePostgresUrl(`${BASE}?${parameters}`), {
    url: `${BASE}?sslmode=disable&options=-c+work_mem%3D8MB`,
    schema: 'legacy',
    ignored: [
      'connection_limit',
      'pool_timeout',
      'pgbouncer',
      'connect_timeout',
      'socket_timeout',
      'statement_cache_size',
    ],
    unknown: [],
  });
  assert.deepEqual(parsePostgresUrl(BASE), { url: BASE, schema: 'public', ignored: [], unknown: [] });
  assert.equal(parsePostgresUrl(`${BASE}?schema=`).schema, 'public');
});

test('parsePostgresUrl() leaves out and names what would change settings of ours, or is not known', () => {
  const { url, unknown } = parsePostgresUrl(`${BASE}?query_timeout=0&types=x&sslidentity=a.p12&max=900`);
  assert.equal(url, BASE);
  assert.deepEqual(unknown, ['query_timeout', 'types', 'sslidentity', 'max']);
});

test('parsePostgresUrl() keeps sslmode, and checks certificates wherever there is TLS', () => {
  assert.equal(left('sslmode=disable'), '?sslmode=disable');
  assert.equal(left('sslmode=no-verify'), '?sslmode=no-verify');
  for (const mode of ['require', 'verify-ca', 'verify-full'])
    assert.equal(left(`sslmode=${mode}`), '?sslmode=verify-full', mode);
  assert.equal(left('sslmode=require&sslaccept=strict'), '?sslmode=verify-full');
  assert.equal(left('sslmode=require&sslaccept=accept_invalid_certs'), '?sslmode=no-verify');
  assert.equal(left('sslmode=verify-full&sslaccept=accept_invalid_certs'), '?sslmode=verify-full');
  assert.equal(left('uselibpqcompat=true&sslmode=prefer'), '?uselibpqcompat=true&sslmode=prefer');
});

test("parsePostgresUrl() takes Prisma's sslcert as the root certificate that it is", () => {
  assert.equal(left('sslmode=require&sslcert=/ca.pem'), '?sslmode=verify-full&sslrootcert=%2Fca.pem');
  const own = 'sslmode=verify-full&sslcert=%2Fme.pem&sslkey=%2Fme.key';
  assert.equal(left(own), `?${own}`);
});

test('parsePostgresUrl() refuses an sslmode that cannot be kept, and says which can', () => {
  for (const mode of ['prefer', 'allow', 'REQUIRE', 'yes'])
    assert.throws(() => parsePostgresUrl(`${BASE}?sslmode=${mode}`), {
      name: 'TypeError',
      message: /disable, require, verify-ca, verify-full, no-verify$/,
    });
});

test('remarkOnUrl() tells in one line what Prisma alone knows, and warns of what nobody knows', () => {
  const said: unknown[] = [];
  const log = {
    info: (facts: object, message: string) => said.push(['info', facts, message]),
    warn: (facts: object, message: string) => said.push(['warn', facts, message]),
  };
  remarkOnUrl(`${BASE}?schema=public&sslmode=disable`, log);
  assert.deepEqual(said, []);
  remarkOnUrl(`${BASE}?pool_timeout=1&connection_limit=1&conection_limit=s3cret&sslaccept=strict`, log);
  assert.deepEqual(said, [
    [
      'info',
      { parameters: ['pool_timeout', 'connection_limit', 'sslaccept'] },
      'parameters of POSTGRES_URL are ignored: they are for Prisma only',
    ],
    [
      'warn',
      { parameters: ['conection_limit'] },
      'parameters of POSTGRES_URL are ignored: they are not known here',
    ],
  ]);
});

test('withoutPrismaParameters() gives a URL that it leaves as it is the second time', () => {
  const once = withoutPrismaParameters(`${BASE}?sslmode=require&sslcert=/ca.pem&schema=x&pool_timeout=3`);
  assert.equal(withoutPrismaParameters(once), once);
  assert.equal(withoutPrismaParameters('postgres://u:p@db/orca'), 'postgres://u:p@db/orca');
});

test('withoutPrismaParameters() refuses what is no such URL, without repeating it', () => {
  for (const url of ['mysql://u:secret@db/x', 'secret', '', 'postgres:secret@']) {
    assert.throws(
      () => withoutPrismaParameters(url),
      (error: unknown) => error instanceof TypeError && !error.message.includes('secret'),
      url,
    );
  }
});
