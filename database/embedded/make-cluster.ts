import { randomBytes } from 'node:crypto';
import { chown, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runProgram } from './run-program.ts';
import type { RunAs } from './system-user.ts';

/** PostgreSQL's owner of all databases, in an embedded server. */
export const SUPERUSER = 'orca';
/** In the folder of a server's data: PostgreSQL's own data folder, and the superuser's password. */
export const CLUSTER_FOLDER = 'cluster';
export const PASSWORD_FILE = 'password';
const PASSWORD_BYTES = 24;

/** What is needed to make a cluster. */
export type ClusterOptions = {
  /** PostgreSQL's programs. */
  binaries: string;
  major: number;
  runAs: RunAs;
  /** False only for data that may be lost, such as those of tests. */
  durable: boolean;
  /** Whether one that is missing is made; else its data are gone. */
  mayMake: boolean;
};

/**
 * Makes the data folder of a server, unless it is there: UTF-8, C locale, passwords by SCRAM.
 *
 * @param place holds the folder, and the file with the password
 * @returns the data folder and the superuser's password
 * @throws {Error} when the folder is another version's, is missing and may not be made, or cannot be made
 */
export async function makeCluster(
  place: string,
  options: ClusterOptions,
): Promise<{ cluster: string; password: string }> {
  const cluster = path.join(place, CLUSTER_FOLDER);
  const passwordFile = path.join(place, PASSWORD_FILE);
  const version = await readFile(path.join(cluster, 'PG_VERSION'), 'utf8').catch(() => null);
  if (version !== null) {
    refuseOtherVersion(cluster, Number(version), options.major);
    return { cluster, password: (await readFile(passwordFile, 'utf8')).trim() };
  }
  if (!options.mayMake) throw new Error(`Cannot start PostgreSQL again in "${cluster}": its data are gone`);
  const password = randomBytes(PASSWORD_BYTES).toString('base64url');
  await rm(passwordFile, { force: true });
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  const { ids } = options.runAs;
  if (ids !== null) await chown(passwordFile, ids.uid, ids.gid);
  await initialise(cluster, passwordFile, options);
  return { cluster, password };
}

/** Beside its place, then renamed: an initdb that was killed half-way leaves nothing that looks whole. */
async function initialise(cluster: string, passwordFile: string, options: ClusterOptions): Promise<void> {
  const half = `${cluster}.new`;
  await rm(half, { recursive: true, force: true });
  const { status, output } = await runProgram(
    path.join(options.binaries, 'bin', 'initdb'),
    [
      ...['--pgdata', half, '--username', SUPERUSER, '--pwfile', passwordFile],
      ...['--auth', 'scram-sha-256', '--encoding', 'UTF8', '--locale', 'C', '--no-instructions'],
      ...(options.durable ? [] : ['--no-sync']),
    ],
    options.runAs,
  );
  if (status !== 0)
    throw new Error(`Cannot make a database in "${cluster}": initdb failed: ${output.trim()}`);
  await rename(half, cluster);
}

function refuseOtherVersion(cluster: string, found: number, major: number): void {
  if (found === major) return;
  throw new Error(
    `Cannot start PostgreSQL ${major} in "${cluster}": its data are of version ${found}; ` +
      'dump them with that version, or start on another folder',
  );
}
