import { BlockList, isIP, isIPv4 } from 'node:net';
import { type AddressKind, addressKind, plainAddress } from './address-kind.ts';

/** Which addresses may be spoken to; the operator's settings, as they were written. */
export type AddressPolicy = {
  /** In production loopback is refused too. */
  production: boolean;
  /** Hosts, addresses and CIDR ranges that may be spoken to whatever they are; each may end in `:port`. */
  allow: readonly string[];
  /** Refuses private ranges, where many course sites live. */
  refusePrivate: boolean;
  /** `host:port`, or `host`, of the database, the engines and what else is Orca's; only an `allow` entry with that very port lifts it. */
  alwaysRefuse: readonly string[];
};

/** Host (lower case, no brackets) and port; `port: null` means any. */
export type Endpoint = { host: string; port: number | null };

/** A policy whose entries have been read. */
export type ReadPolicy = {
  production: boolean;
  refusePrivate: boolean;
  allowed: readonly AllowRule[];
  alwaysRefused: readonly Endpoint[];
};

type AllowRule = { port: number | null } & (
  | { kind: 'host'; host: string }
  | { kind: 'range'; range: BlockList }
);

/** One address of a host that is about to be connected to. */
export type Destination = { host: string; port: number; address: string };

/**
 * Reads the entries of a policy.
 *
 * @throws {TypeError} naming the first entry that is neither a host, an address nor a range
 */
export function readPolicy(policy: AddressPolicy): ReadPolicy {
  return {
    production: policy.production,
    refusePrivate: policy.refusePrivate,
    allowed: policy.allow.map(readAllowRule),
    alwaysRefused: policy.alwaysRefuse.map(readEndpoint),
  };
}

/**
 * Judges one address, before anything is sent to it.
 *
 * @param ownAddresses what the hosts of `alwaysRefused` with this port resolve to
 * @returns `null` when it may be spoken to, or a clause that says why not
 * @see docs/reference/settings.md ORCA_ALLOW_ADDRESSES
 */
export function refusalOf(
  destination: Destination,
  policy: ReadPolicy,
  ownAddresses: readonly string[],
): string | null {
  const rules = policy.allowed.filter((rule) => isNamedBy(destination, rule));
  if (rules.some((rule) => rule.port !== null)) return null;
  if (ownAddresses.some((own) => isSameMachine(own, destination.address))) {
    return 'its address and port belong to Orca itself';
  }
  if (rules.length > 0) return null;
  const kind = addressKind(destination.address);
  return isKindAllowed(kind, policy) ? null : `its address is not allowed (${kind.replace('_', '-')})`;
}

function isKindAllowed(kind: AddressKind, policy: ReadPolicy): boolean {
  switch (kind) {
    case 'public':
      return true;
    case 'private':
      return !policy.refusePrivate;
    case 'loopback':
      return !policy.production;
    case 'link_local':
    case 'metadata':
    case 'multicast':
    case 'unspecified':
    case 'reserved':
    case 'tunnel':
      return false;
    default:
      return kind satisfies never;
  }
}

function isNamedBy({ host, port, address }: Destination, rule: AllowRule): boolean {
  if (rule.port !== null && rule.port !== port) return false;
  if (rule.kind === 'host') return rule.host === host;
  const plain = plainAddress(address);
  return rule.range.check(plain, isIPv4(plain) ? 'ipv4' : 'ipv6');
}

/** All of loopback, and the unspecified address, lead to this very machine. */
function isSameMachine(own: string, other: string): boolean {
  const isHere = (address: string) => ['loopback', 'unspecified'].includes(addressKind(address));
  return plainAddress(own) === plainAddress(other) || (isHere(own) && isHere(other));
}

function readAllowRule(entry: string): AllowRule {
  const cidr = /^(?<network>[0-9A-Fa-f:.]+)\/(?<prefix>\d{1,3})$/.exec(entry)?.groups;
  if (cidr !== undefined) return { kind: 'range', range: readRange(entry, cidr), port: null };
  const { host, port } = readEndpoint(entry);
  const family = isIP(host);
  if (family === 0) return { kind: 'host', host, port };
  return {
    kind: 'range',
    range: readRange(entry, { network: host, prefix: family === 4 ? '32' : '128' }),
    port,
  };
}

function readRange(entry: string, { network = '', prefix = '' }: Record<string, string>): BlockList {
  const range = new BlockList();
  const plain = isIP(network) === 0 ? network : plainAddress(network);
  try {
    range.addSubnet(plain, Number(prefix), isIPv4(plain) ? 'ipv4' : 'ipv6');
  } catch (cause) {
    throw new TypeError(`Cannot read "${entry}": it is no address range (CIDR)`, { cause });
  }
  return range;
}

/** Reads `host`, `host:port`, `1.2.3.4:port`, `::1`, `[::1]` or `[::1]:port`. */
function readEndpoint(entry: string): Endpoint {
  if (isIP(entry) !== 0) return { host: entry.toLowerCase(), port: null };
  const parts = /^(?:\[(?<v6>[0-9A-Fa-f:.]+)\]|(?<name>[A-Za-z0-9._-]{1,253}))(?::(?<port>\d{1,5}))?$/.exec(
    entry,
  );
  const host = parts?.groups?.['v6'] ?? parts?.groups?.['name'];
  if (host === undefined) throw new TypeError(`Cannot read "${entry}": it is neither a host nor an address`);
  const port = parts?.groups?.['port'];
  return { host: host.toLowerCase(), port: port === undefined ? null : Number(port) };
}
