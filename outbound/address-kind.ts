import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** What an IP address is for, as far as the address policy cares. `tunnel`: one that hides another address. */
export type AddressKind =
  | 'public'
  | 'private'
  | 'loopback'
  | 'link_local'
  | 'metadata'
  | 'multicast'
  | 'unspecified'
  | 'reserved'
  | 'tunnel';

/** The first range that holds an address decides: the metadata services lie inside wider ranges. */
const RANGES: readonly (readonly [AddressKind, 'ipv4' | 'ipv6', string, number])[] = [
  ['metadata', 'ipv4', '169.254.169.254', 32], // AWS, GCP, Azure, OpenStack
  ['metadata', 'ipv4', '169.254.170.2', 32], // AWS ECS
  ['metadata', 'ipv4', '100.100.100.200', 32], // Alibaba
  ['metadata', 'ipv4', '168.63.129.16', 32], // Azure's wire server, a public address
  ['metadata', 'ipv4', '192.0.0.192', 32], // Oracle
  ['metadata', 'ipv6', 'fd00:ec2::', 32], // AWS
  ['metadata', 'ipv6', 'fd20:ce::254', 128], // GCP
  ['loopback', 'ipv4', '127.0.0.0', 8],
  ['loopback', 'ipv6', '::1', 128],
  ['unspecified', 'ipv4', '0.0.0.0', 8], // Linux connects 0.0.0.0 to itself
  ['unspecified', 'ipv6', '::', 128],
  ['link_local', 'ipv4', '169.254.0.0', 16],
  ['link_local', 'ipv6', 'fe80::', 10],
  ['multicast', 'ipv4', '224.0.0.0', 4],
  ['multicast', 'ipv6', 'ff00::', 8],
  ['reserved', 'ipv4', '240.0.0.0', 4], // and the broadcast address
  ['tunnel', 'ipv6', '2001::', 32], // Teredo: the peer's address is hidden by XOR
  ['tunnel', 'ipv6', '64:ff9b:1::', 48], // local NAT64: where the IPv4 address stands is not known
  ['private', 'ipv4', '10.0.0.0', 8],
  ['private', 'ipv4', '172.16.0.0', 12],
  ['private', 'ipv4', '192.168.0.0', 16],
  ['private', 'ipv4', '100.64.0.0', 10], // carrier-grade NAT
  ['private', 'ipv4', '192.0.0.0', 24],
  ['private', 'ipv4', '198.18.0.0', 15],
  ['private', 'ipv6', 'fc00::', 7],
  ['private', 'ipv6', 'fec0::', 10],
];

const LISTS = RANGES.map(([kind, family, network, prefix]) => {
  const list = new BlockList();
  list.addSubnet(network, prefix, family);
  return { kind, list };
});

/**
 * Says what an address is for. An IPv4 address inside an IPv6 one (mapped, translated, NAT64, 6to4) counts as itself.
 *
 * @param address IPv4 or IPv6 text, with or without a zone (`%eth0`)
 * @throws {TypeError} when it is no IP address
 * @see https://www.iana.org/assignments/iana-ipv6-special-registry/
 */
export function addressKind(address: string): AddressKind {
  const plain = plainAddress(address);
  const family = isIPv4(plain) ? 'ipv4' : 'ipv6';
  return LISTS.find(({ list }) => list.check(plain, family))?.kind ?? 'public';
}

/**
 * Takes the zone off an address and unwraps an IPv4 address that stands inside an IPv6 one.
 *
 * @returns IPv4 in dotted form, or IPv6 in canonical form (RFC 5952)
 * @throws {TypeError} when it is no IP address
 */
export function plainAddress(address: string): string {
  const unzoned = address.replace(/%.*$/s, '');
  if (isIPv4(unzoned)) return unzoned;
  if (!isIPv6(unzoned)) throw new TypeError(`Cannot classify "${address}": it is no IP address`);
  const canonical = new URL(`http://[${unzoned}]`).hostname.slice(1, -1);
  return innerIPv4(wordsOf(canonical)) ?? canonical;
}

/** The eight 16-bit words of a canonical IPv6 address. */
function wordsOf(canonical: string): number[] {
  const [head = '', tail = ''] = canonical.split('::');
  const parse = (part: string) =>
    part === '' ? [] : part.split(':').map((word) => Number.parseInt(word, 16));
  const [before, after] = [parse(head), parse(tail)];
  return [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
}

function innerIPv4(words: number[]): string | null {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = words;
  const startsWithZeros = a === 0 && b === 0 && c === 0 && d === 0;
  const isMapped = startsWithZeros && e === 0 && f === 0xffff; // ::ffff:0:0/96
  const isTranslated = startsWithZeros && e === 0xffff && f === 0; // ::ffff:0:0:0/96 (RFC 2765)
  const isCompatible = startsWithZeros && e === 0 && f === 0 && (g !== 0 || h > 1); // ::/96 but :: and ::1
  const isNat64 = a === 0x64 && b === 0xff9b && c === 0 && d === 0 && e === 0 && f === 0; // 64:ff9b::/96
  if (isMapped || isTranslated || isCompatible || isNat64) return dotted(g, h);
  return a === 0x2002 ? dotted(b, c) : null; // 6to4
}

function dotted(high: number, low: number): string {
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}
