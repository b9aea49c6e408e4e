import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AddressPolicy, readPolicy, refusalOf } from './address-policy.ts';
import { endpointOf } from './endpoint-of.ts';

const PRODUCTION: AddressPolicy = { production: true, allow: [], refusePrivate: false, alwaysRefuse: [] };

function isRefused(
  policy: Partial<AddressPolicy>,
  address: string,
  {
    host = 'course.example.edu',
    port = 443,
    own = [],
  }: { host?: string; port?: number; own?: string[] } = {},
): boolean {
  return refusalOf({ host, port, address }, readPolicy({ ...PRODUCTION, ...policy }), own) !== null;
}

test('refusalOf() refuses in production what is nobody else’s machine', () => {
  const addresses = ['127.0.0.1', '::1', '169.254.1.1', '169.254.169.254', '224.0.0.1', '0.0.0.0', '::'];
  const wrapped = ['::ffff:127.0.0.1', '64:ff9b::7f00:1', '2002:7f00:1::', '2001::1', '255.255.255.255'];
  for (const address of [...addresses, ...wrapped]) assert.ok(isRefused({}, address), address);
  for (const address of ['8.8.8.8', '2606:4700::1111', '10.0.0.1', 'fd12::1']) {
    assert.ok(!isRefused({}, address), address);
  }
});

test('refusalOf() names the kind of address and not the address', () => {
  const clause = refusalOf({ host: 'h', port: 80, address: '169.254.0.9' }, readPolicy(PRODUCTION), []);
  assert.equal(clause, 'its address is not allowed (link-local)');
});

test('refusalOf() lets loopback in, and only loopback, when it is not production', () => {
  assert.ok(!isRefused({ production: false }, '127.0.0.1'));
  assert.ok(!isRefused({ production: false }, '::1'));
  for (const address of ['169.254.169.254', '169.254.1.1', '0.0.0.0', '224.0.0.1', '::']) {
    assert.ok(isRefused({ production: false }, address), address);
  }
});

test('refusalOf() refuses private ranges where the operator says so', () => {
  for (const address of [
    '10.1.2.3',
    '172.16.0.1',
    '192.168.0.1',
    '100.64.0.1',
    'fd12::1',
    '::ffff:10.1.2.3',
  ]) {
    assert.ok(isRefused({ refusePrivate: true }, address), address);
    assert.ok(!isRefused({ refusePrivate: false }, address), address);
  }
});

test('refusalOf() allows what an entry names: host, address, range, with and without a port', () => {
  const loopback = '127.0.0.1';
  assert.ok(!isRefused({ allow: ['localhost'] }, loopback, { host: 'localhost' }));
  assert.ok(isRefused({ allow: ['localhost'] }, loopback, { host: 'other' }));
  assert.ok(!isRefused({ allow: ['127.0.0.1'] }, loopback));
  assert.ok(!isRefused({ allow: ['127.0.0.0/8'] }, '::ffff:127.9.9.9'));
  assert.ok(isRefused({ allow: ['127.0.0.0/30'] }, '127.0.0.4'));
  assert.ok(!isRefused({ allow: ['fe80::/10'] }, 'fe80::1%eth0'));
  assert.ok(!isRefused({ allow: ['[::1]:443'] }, '::1'));
  assert.ok(isRefused({ allow: ['[::1]:80'] }, '::1'));
  assert.ok(!isRefused({ allow: ['localhost:443'] }, loopback, { host: 'localhost' }));
  assert.ok(isRefused({ allow: ['localhost:80'] }, loopback, { host: 'localhost' }));
});

test('refusalOf() refuses the database’s address and port, in development and through a wide entry too', () => {
  const own = { port: 5432, own: ['10.0.0.5'] };
  assert.ok(isRefused({ production: false }, '10.0.0.5', own));
  assert.ok(isRefused({ allow: ['10.0.0.0/8'] }, '::ffff:10.0.0.5', own));
  assert.ok(isRefused({ allow: ['course.example.edu'] }, '10.0.0.5', own));
  assert.ok(!isRefused({ allow: ['10.0.0.5:5432'] }, '10.0.0.5', own));
  assert.ok(!isRefused({}, '10.0.0.6', own));
  assert.ok(isRefused({ production: false }, '127.0.0.2', { port: 5432, own: ['127.0.0.1'] }));
});

test('readPolicy() names an entry that it cannot read', () => {
  for (const entry of ['', 'a b', '10.0.0.0/33', '::/129', '10.0.0/8', 'http://x/', 'x:123456', '1.2.3.4/']) {
    assert.throws(
      () => readPolicy({ ...PRODUCTION, allow: [entry] }),
      (error: unknown) => error instanceof TypeError && error.message.includes(`"${entry}"`),
      entry,
    );
  }
});

test('endpointOf() says where a connection string leads', () => {
  assert.deepEqual(endpointOf('postgresql://u:p@db.internal/orca', 5432), ['db.internal:5432']);
  assert.deepEqual(endpointOf('postgresql://u:p@127.0.0.1:6543/orca?schema=x', 5432), ['127.0.0.1:6543']);
  assert.deepEqual(endpointOf('postgresql://u@[::1]/orca', 5432), ['[::1]:5432']);
  assert.deepEqual(endpointOf('tcp://10.0.0.1:2375', 2375), ['10.0.0.1:2375']);
  assert.deepEqual(endpointOf('unix:///var/run/docker.sock', 2375), []);
  assert.deepEqual(endpointOf('postgresql://u@localhost/orca?host=/var/run/postgresql', 5432), []);
});
