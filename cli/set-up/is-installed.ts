import { readFileSync } from 'node:fs';

/**
 * Whether npm has installed what a lock file names. The script `orca` asks, so this may import no package.
 *
 * @param lockPath of `package-lock.json`
 * @param installedPath of `node_modules/.package-lock.json`, npm's own list of what it has installed
 * @throws {Error} when one of them cannot be read
 */
export function isInstalled(lockPath: string, installedPath: string): boolean {
  const wanted = packagesOf(lockPath);
  const there = packagesOf(installedPath);
  if (there.size === 0) return false;
  for (const path of there.keys()) if (!wanted.has(path)) return false;
  return [...wanted].every(([path, one]) => isThere(one, there.get(path)));
}

/** By path; without the root, of which npm's own list does not tell. */
function packagesOf(path: string): Map<string, unknown> {
  const packages = Object(JSON.parse(readFileSync(path, 'utf8'))).packages;
  return new Map(Object.entries(Object(packages)).filter(([name]) => name !== ''));
}

/** What is optional may be for other systems. */
function isThere(wanted: unknown, there: unknown): boolean {
  if (there === undefined) return Object(wanted).optional === true;
  return ['version', 'integrity'].every((name) => Object(wanted)[name] === Object(there)[name]);
}
