import { createHash } from 'node:crypto';
import { BlockList, isIPv6 } from 'node:net';
import type { Logger } from '@orca/daemon';
import { countApiKeys, type Database, findApiKey } from '@orca/database';
import { createRateLimiter, type Rate } from './limit-rate.ts';
import { createKeyNotes } from './note-key-use.ts';

/** Who sent a request, as far as its key says. An `admin` may act for all hosts. */
export type Caller = {
  /** Names the key in rate limits and logs; never the key itself. */
  name: string;
  /** Of the key in the database; `null` for one that came without a key. */
  keyId: number | null;
  role: 'client' | 'staff' | 'admin';
  hostnames: readonly string[];
};

type KnownCaller = Caller & { keyId: number };

/** What a request's key is worth. */
export type Authentication =
  | {
      kind: 'caller';
      caller: Caller;
      /** Counts so many more requests of its key: `null`, or the seconds until they are allowed. */
      takeMore: (requests: number) => number | null;
    }
  | { kind: 'unauthorized' }
  /** `isKnown`: of a key that counts, else of an address that sends wrong ones. */
  | { kind: 'too_many'; retryAfterSeconds: number; isKnown: boolean };

/** Judges `x-api-key`; `address` is that of the socket, never of a header. */
export type Authenticate = (key: string, address: string) => Promise<Authentication>;

/** A key that is revoked works for at most so long. */
const KEY_CACHE_MS = 4_000;
const KEYS_CACHED_MAX = 1_000;
/** 1,000 requests a second for one key; "regrade all" is a burst. */
const KEY_RATE = { perSecond: 1_000, burst: 5_000 } as const;
/** Wrong keys from one address; right ones are not held up by them, so a proxy's address is no weapon. */
const FAILURE_RATE = { perSecond: 10, burst: 200 } as const;

const LOCAL_ADMIN: Caller = { name: 'loopback', keyId: null, role: 'admin', hostnames: [] };

/**
 * Makes the judge of API keys.
 *
 * A key is known by its SHA-256 only. A missing key takes the same work and gets the same answer as a wrong one.
 * While no key is configured, and not in production, loopback is let in as `admin`, and the log says so once.
 *
 * @throws {DatabaseError} from the returned function when the keys cannot be read
 */
export function createAuthenticate(deps: {
  db: Database;
  production: boolean;
  log: Logger;
  /** What one key may send; has a default. */
  keyRate?: Rate;
}): Authenticate {
  const find = createKeyCache(deps.db);
  const takeForKey = createRateLimiter(deps.keyRate ?? KEY_RATE);
  const takeForFailure = createRateLimiter(FAILURE_RATE);
  const noteUse = createKeyNotes(deps);
  let hasTold = false;

  const findLocalAdmin = async (address: string): Promise<Caller | null> => {
    if (deps.production || !isLoopback(address) || (await countApiKeys(deps.db)) > 0) return null;
    if (!hasTold) deps.log.warn('no API key is configured: requests from loopback are let in as admin');
    hasTold = true;
    return LOCAL_ADMIN;
  };

  return async (key, address) => {
    const known = await find(sha256(key));
    if (known !== null) noteUse(known.keyId);
    const caller = known ?? (await findLocalAdmin(address));
    const retryAfterSeconds = caller === null ? takeForFailure(address) : takeForKey(caller.name);
    if (retryAfterSeconds !== null) {
      const isKnown = caller !== null;
      return { kind: 'too_many', retryAfterSeconds, isKnown };
    }
    if (caller === null) return { kind: 'unauthorized' };
    return { kind: 'caller', caller, takeMore: (requests) => takeForKey(caller.name, requests) };
  };
}

/** Whether who was let in before is still known: also with a key that asks too often at the moment. */
export function isStillKnown(found: Authentication): boolean {
  return found.kind === 'caller' || (found.kind === 'too_many' && found.isKnown);
}

/** Whether a caller may act for a client (a hostname). */
export function mayActFor(caller: Caller, client: string): boolean {
  return caller.role === 'admin' || caller.hostnames.includes(client);
}

/** The clients for whom a caller may act, `null` for all. */
export function clientsOf(caller: Caller): readonly string[] | null {
  return caller.role === 'admin' ? null : caller.hostnames;
}

/** Remembers the keys that were found; unknown ones are looked up every time, so a new key works at once. */
function createKeyCache(db: Database): (hash: Buffer) => Promise<KnownCaller | null> {
  const known = new Map<string, { caller: KnownCaller; untilMs: number }>();
  return async (hash) => {
    const name = hash.toString('base64');
    const cached = known.get(name);
    if (cached !== undefined && cached.untilMs > performance.now()) return cached.caller;
    known.delete(name);
    const found = await findApiKey(db, hash);
    if (found === null) return null;
    const { id: keyId, role, hostnames } = found;
    const caller = { name: `key ${keyId}`, keyId, role, hostnames };
    if (known.size >= KEYS_CACHED_MAX) known.clear();
    known.set(name, { caller, untilMs: performance.now() + KEY_CACHE_MS });
    return caller;
  };
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

function isLoopback(address: string): boolean {
  return LOOPBACK.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/** Node hands a header over as one character a byte: these are the bytes that were sent. */
function sha256(header: string): Buffer {
  return createHash('sha256').update(header, 'latin1').digest();
}
