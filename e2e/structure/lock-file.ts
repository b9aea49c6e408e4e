import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** Where the lock file of this checkout stands. */
export const LOCK_FILE = fileURLToPath(new URL('../../package-lock.json', import.meta.url));

/** One package in `package-lock.json`, as far as it is looked at here. */
interface LockedPackage {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optional?: boolean;
}

/** `package-lock.json`, version 3. */
export interface LockFile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

/** A package of another platform that the lock names nowhere. */
export interface MissingPackage {
  readonly name: string;
  readonly version: string;
  readonly dev: boolean;
}

const PREFIX = 'node_modules/';
const SYSTEMS = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
];

/** Reads the lock file of this checkout. */
export async function readLockFile(): Promise<LockFile> {
  const lock: LockFile = JSON.parse(await readFile(LOCK_FILE, 'utf8'));
  return lock;
}

/**
 * Finds optional packages that the lock does not hold. npm leaves out those that a registry does not have, and
 * `npm ci` then refuses the lock on every machine.
 */
export function missingPackages({ packages }: LockFile): MissingPackage[] {
  const held = new Set(
    Object.keys(packages).map((path) => path.slice(path.lastIndexOf(PREFIX) + PREFIX.length)),
  );
  return Object.values(packages).flatMap((locked) =>
    Object.entries(locked.optionalDependencies ?? {})
      .filter(([name]) => !held.has(name))
      .map(([name, version]) => ({ name, version, dev: locked.dev === true })),
  );
}

function libcOf(words: readonly string[]): { libc?: string[] } {
  if (words.some((word) => word.startsWith('musl'))) return { libc: ['musl'] };
  return words.some((word) => word.startsWith('gnu')) ? { libc: ['glibc'] } : {};
}

/**
 * Adds the missing packages by version, without a checksum, as npm would have: platform packages are named
 * `…-<os>-<cpu>[-<libc>]`.
 *
 * @throws when a name does not say its platform, or a version is no exact one
 */
export function completeLock(lock: LockFile): LockFile {
  const added = missingPackages(lock).map(({ name, version, dev }): [string, LockedPackage] => {
    const words = name.slice(name.lastIndexOf('/') + 1).split('-');
    const at = words.findIndex((word) => SYSTEMS.includes(word));
    const [os, cpu, ...rest] = words.slice(at);
    if (at < 0 || os === undefined || cpu === undefined || !/^\d/.test(version))
      throw new Error(
        `Cannot add "${name}" to the lock: its name or version "${version}" does not say enough`,
      );
    const platform = { cpu: [cpu], ...libcOf(rest), optional: true, os: [os] };
    return [PREFIX + name, { version, ...platform, ...(dev ? { dev } : {}) }];
  });
  const { '': root = {}, ...packages } = lock.packages;
  const sorted = Object.entries({ ...packages, ...Object.fromEntries(added) }).sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  return { ...lock, packages: { '': root, ...Object.fromEntries(sorted) } };
}
