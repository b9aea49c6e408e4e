import { createHash } from 'node:crypto';
import type { ApiKeyRole } from './api-keys.ts';
import { parseHostname } from './hostname.ts';
import type { OldKey } from './old-keys.ts';

/** A key of ours whose hash is that of an old one. */
export type KnownKey = {
  id: number;
  keySha256: Buffer;
  role: ApiKeyRole;
  hostnames: string[];
  /** Revoked or expired. */
  hasEnded: boolean;
};

/** A row, or rows, of the old table that are not taken over; `hostnames` as they stand there. */
export type SkippedKey = { hostnames: string[]; reason: string };

/** A key of the old system that can be taken over, with all hostnames that stood beside it. */
export type UsableKey = { keySha256: Buffer; hostnames: string[] };

/** What to do with a key that can be taken over. */
export type ImportStep =
  | { kind: 'create'; keySha256: Buffer; hostnames: string[] }
  | { kind: 'widen'; id: number; added: string[] }
  | { kind: 'keep'; id: number; hostnames: string[] }
  | { kind: 'skip'; skipped: SkippedKey };

/** A 128-bit key in hexadecimal digits; a shorter one can be guessed. */
const KEY_CHARACTERS_MIN = 32;
const KEY_CHARACTERS_MAX = 4_096;

/**
 * Looks through the rows of an old table. A key that stands beside several hostnames is one key for all of them.
 *
 * @returns keys by their hashes, and the rows that cannot be taken over with reasons; no key stands in either
 */
export function chooseUsable(rows: readonly OldKey[]): { usable: UsableKey[]; skipped: SkippedKey[] } {
  const usable: UsableKey[] = [];
  const skipped: SkippedKey[] = [];
  for (const [value, ofKey] of Map.groupBy(rows, (row) => row.value ?? '')) {
    const written = ofKey.map((row) => row.hostname ?? '');
    const reason = refuseKey(value);
    if (reason !== null) {
      skipped.push({ hostnames: written, reason });
      continue;
    }
    const hostnames = new Set<string>();
    for (const text of written) {
      const parsed = parseHostname(text);
      if (parsed.kind === 'ok') hostnames.add(parsed.hostname);
      else skipped.push({ hostnames: [text], reason: `the hostname ${parsed.reason}` });
    }
    const keySha256 = createHash('sha256').update(value).digest();
    if (hostnames.size > 0) usable.push({ keySha256, hostnames: [...hostnames] });
  }
  return { usable, skipped };
}

/** Decides what to do with a key of the old system, given the one of ours with the same hash. */
export function planStep({ keySha256, hostnames }: UsableKey, known: KnownKey | undefined): ImportStep {
  if (known === undefined) return { kind: 'create', keySha256, hostnames };
  if (known.hasEnded)
    return {
      kind: 'skip',
      skipped: { hostnames, reason: `key ${known.id} here is the same, and has ended` },
    };
  const added = hostnames.filter((hostname) => !known.hostnames.includes(hostname));
  if (added.length === 0 || known.role === 'admin') return { kind: 'keep', id: known.id, hostnames };
  return { kind: 'widen', id: known.id, added };
}

function refuseKey(value: string): string | null {
  if (value === '') return 'there is no key in the row';
  if (!/^[!-~]+$/.test(value)) return 'the key has characters that no header carries';
  if (value.length < KEY_CHARACTERS_MIN)
    return `the key is shorter than ${KEY_CHARACTERS_MIN} characters and can be guessed: make a new one with "keys create"`;
  if (value.length > KEY_CHARACTERS_MAX) return `the key is longer than ${KEY_CHARACTERS_MAX} characters`;
  return null;
}
