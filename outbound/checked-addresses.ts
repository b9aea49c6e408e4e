import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { type ReadPolicy, refusalOf } from './address-policy.ts';
import { RefusedError } from './refused-error.ts';

/** One address of a host, as `dns.lookup` gives it. */
export type Address = { address: string; family: number };

/** Finds all addresses of a host name; rejects with `ENOTFOUND`, `EAI_AGAIN`, … */
export type ResolveHost = (hostname: string) => Promise<Address[]>;

/** A host with hundreds of addresses is nobody's course site: the first are enough. */
const ADDRESSES_MAX = 8;

/**
 * Resolves a URL's host once and checks every address that it has: the caller connects to exactly these.
 *
 * One refused address refuses the host: whoever owns the name could otherwise mix them and wait.
 *
 * @throws {RefusedError} when the URL or one of its addresses may not be spoken to
 * @throws what `resolve` throws
 */
export async function checkedAddresses(
  url: URL,
  policy: ReadPolicy,
  resolve: ResolveHost,
): Promise<[Address, ...Address[]]> {
  const problem = urlProblem(url);
  if (problem !== null) throw new RefusedError(problem);
  const host = hostOf(url);
  const port = portOf(url);
  const [first, ...rest] = (await addressesOf(host, resolve)).slice(0, ADDRESSES_MAX);
  if (first === undefined) throw new Error('the host has no address');
  const own = await ownAddresses(port, policy, resolve);
  for (const { address } of [first, ...rest]) {
    const refusal = refusalOf({ host, port, address }, policy, own);
    if (refusal !== null) throw new RefusedError(refusal);
  }
  return [first, ...rest];
}

/**
 * Makes a {@link ResolveHost} of the system's resolver (hosts file, DNS).
 *
 * Lookups of one name at once are one: they run in two threads of the whole process, and a name server that does
 * not answer for one host should hold up one of them only.
 */
export function createSystemResolver(): ResolveHost {
  const running = new Map<string, Promise<Address[]>>();
  return (hostname) => {
    const known = running.get(hostname);
    if (known !== undefined) return known;
    const lookedUp = lookup(hostname, { all: true }).finally(() => running.delete(hostname));
    running.set(hostname, lookedUp);
    return lookedUp;
  };
}

/** What is wrong with a URL before its host is looked at; `null`: nothing. */
function urlProblem(url: URL): string | null {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'only http and https are allowed';
  if (url.username !== '' || url.password !== '') return 'a URL must not carry a user name or password';
  return null;
}

/** The addresses that must not be reached on this port; only looked up where the port is theirs. */
async function ownAddresses(port: number, policy: ReadPolicy, resolve: ResolveHost): Promise<string[]> {
  const endpoints = policy.alwaysRefused.filter((own) => own.port === null || own.port === port);
  const found = await Promise.all(endpoints.map((own) => addressesOf(own.host, resolve)));
  return found.flat().map(({ address }) => address);
}

async function addressesOf(host: string, resolve: ResolveHost): Promise<Address[]> {
  const family = isIP(host);
  return family === 0 ? resolve(host) : [{ address: host, family }];
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
}

function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}
