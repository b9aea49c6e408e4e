import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type AddressKind, addressKind, plainAddress } from './address-kind.ts';

const KINDS: [string, AddressKind][] = [
  ['127.0.0.1', 'loopback'],
  ['127.255.255.254', 'loopback'],
  ['::1', 'loopback'],
  ['0.0.0.0', 'unspecified'],
  ['0.1.2.3', 'unspecified'],
  ['::', 'unspecified'],
  ['169.254.0.1', 'link_local'],
  ['fe80::1%eth0', 'link_local'],
  ['169.254.169.254', 'metadata'],
  ['168.63.129.16', 'metadata'],
  ['fd00:ec2::254', 'metadata'],
  ['224.0.0.1', 'multicast'],
  ['239.255.255.255', 'multicast'],
  ['ff02::1', 'multicast'],
  ['255.255.255.255', 'reserved'],
  ['2001:0:4136:e378:8000:63bf:3fff:fdd2', 'tunnel'],
  ['64:ff9b:1::a', 'tunnel'],
  ['10.0.0.1', 'private'],
  ['172.31.255.255', 'private'],
  ['192.168.1.1', 'private'],
  ['fd12:3456::1', 'private'],
  ['172.32.0.0', 'public'],
  ['126.255.255.255', 'public'],
  ['128.0.0.0', 'public'],
  ['8.8.8.8', 'public'],
  ['2001:db9::1', 'public'],
  ['2606:4700::1111', 'public'],
];

test('addressKind() knows what each range is for', () => {
  for (const [address, kind] of KINDS) assert.equal(addressKind(address), kind, address);
});

test('addressKind() judges an IPv4 address inside an IPv6 one as itself', () => {
  const octet = fc.integer({ min: 0, max: 255 });
  fc.assert(
    fc.property(octet, octet, octet, octet, (a, b, c, d) => {
      const plain = `${a}.${b}.${c}.${d}`;
      const hex = (high: number, low: number) => ((high << 8) | low).toString(16);
      const words = `${hex(a, b)}:${hex(c, d)}`;
      const disguises = [
        `::ffff:${plain}`,
        `::FFFF:${words}`,
        `0:0:0:0:0:ffff:${words}`,
        `::ffff:0:${plain}`,
        `64:ff9b::${plain}`,
        `2002:${words}::`,
        `2002:${words}:1:2:3:4:5`,
      ];
      for (const disguise of disguises) {
        assert.equal(plainAddress(disguise), plain, disguise);
        assert.equal(addressKind(disguise), addressKind(plain), disguise);
      }
    }),
  );
});

test('addressKind() unwraps the deprecated IPv4-compatible form', () => {
  assert.equal(addressKind('::127.0.0.1'), 'loopback');
  assert.equal(addressKind('::169.254.169.254'), 'metadata');
});

test('addressKind() throws on what is no address', () => {
  for (const text of ['', 'localhost', '1.2.3', '1.2.3.4.5', ':::', '[::1]']) {
    assert.throws(() => addressKind(text), TypeError, text);
  }
});
