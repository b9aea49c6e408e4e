import { createHash } from 'node:crypto';
import {
  chmod,
  chown,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { PostgresBinaries } from './find-binaries.ts';
import { CLUSTER_FOLDER } from './make-cluster.ts';
import { findPostmaster } from './postmaster.ts';
import { runProgram } from './run-program.ts';
import type { RunAs } from './system-user.ts';

/** Where what cannot stand in its own place stands instead. */
export const FALLBACK_FOLDER = '/var/lib/orca';
/** In the folder that was asked for: says where the data really stand. */
const LOCATION_FILE = 'location';
/** In the folder where they really stand: says which one was asked for. */
const ORIGIN_FILE = 'origin';

/**
 * Finds programs that a user can run: the package's own, or a copy of them when a folder on the way to them is closed to
 * that user (a checkout in a home of mode 0700).
 *
 * @returns the folder with `bin/`
 */
export async function placeBinaries(
  binaries: PostgresBinaries,
  runAs: RunAs,
  log: (line: string) => void,
): Promise<string> {
  if (await canRun(binaries.folder, runAs)) return binaries.folder;
  const copy = path.join(FALLBACK_FOLDER, `postgres-${binaries.version}`);
  if (!(await canRun(copy, runAs))) {
    await mkdir(FALLBACK_FOLDER, { recursive: true, mode: 0o755 });
    // Whole or not at all: a second process that copies at the same time loses the rename, and uses the first one's.
    const half = await mkdtemp(path.join(FALLBACK_FOLDER, 'copying-'));
    await cp(binaries.folder, half, { recursive: true, verbatimSymlinks: true });
    await chmod(half, 0o755);
    await rename(half, copy).catch(() => rm(half, { recursive: true, force: true }));
    log(`copied PostgreSQL to ${copy}: the user ${runAs.name} cannot enter ${binaries.folder}`);
  }
  if (await canRun(copy, runAs)) return copy;
  throw new Error(`Cannot run PostgreSQL in "${copy}" as ${runAs.name}: its programs do not start there`);
}

/**
 * Makes the folder that PostgreSQL's data, port and password stand in, owned by its user: the one that was asked for, or
 * one under {@link FALLBACK_FOLDER} when a folder on the way is closed to that user.
 *
 * @param dataDir is made when it is missing
 * @returns a real path
 */
export async function placeData(dataDir: string, runAs: RunAs, log: (line: string) => void): Promise<string> {
  await mkdir(dataDir, { recursive: true });
  const asked = await realpath(dataDir);
  const moved = await movedTo(asked);
  if (moved !== null) return moved;
  if (runAs.ids === null || (await canEnter(path.dirname(asked), runAs))) return own(asked, runAs);
  // Not the hash alone: a checkout that was removed and made again must not find its forerunner's data.
  const name = `${createHash('sha256').update(asked).digest('hex').slice(0, 16)}-`;
  await mkdir(FALLBACK_FOLDER, { recursive: true, mode: 0o755 });
  await removeForgottenPlaces(log);
  const place = await own(await mkdtemp(path.join(FALLBACK_FOLDER, name)), runAs);
  await writeFile(path.join(place, ORIGIN_FILE), `${asked}\n`);
  await writeFile(path.join(asked, LOCATION_FILE), `${place}\n`);
  log(`PostgreSQL's data stand in ${place}: the user ${runAs.name} cannot enter ${asked}`);
  return place;
}

/**
 * Removes data whose folder stood among temporary files and is gone: those of tests and try-outs, which nobody can ever
 * find again. A folder that is gone from anywhere else may come back with its disk.
 */
async function removeForgottenPlaces(log: (line: string) => void): Promise<void> {
  const temporary = `${await realpath(os.tmpdir())}${path.sep}`;
  for (const name of await readdir(FALLBACK_FOLDER)) {
    const place = path.join(FALLBACK_FOLDER, name);
    const origin = (await readFile(path.join(place, ORIGIN_FILE), 'utf8').catch(() => '')).trim();
    if (!origin.startsWith(temporary) || (await exists(origin))) continue;
    if ((await findPostmaster(path.join(place, CLUSTER_FOLDER))) !== null) continue;
    await rm(place, { recursive: true, force: true });
    log(`removed ${place}: it held the data of ${origin}, which is gone`);
  }
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

async function own(folder: string, runAs: RunAs): Promise<string> {
  if (runAs.ids !== null) await chown(folder, runAs.ids.uid, runAs.ids.gid);
  await chmod(folder, 0o700);
  return folder;
}

async function canRun(folder: string, runAs: RunAs): Promise<boolean> {
  const { status } = await runProgram(path.join(folder, 'bin', 'postgres'), ['--version'], runAs);
  return status === 0;
}

/** Asked of the kernel and not of the mode bits, so that ACLs and security modules count. */
async function canEnter(folder: string, runAs: RunAs): Promise<boolean> {
  const { status } = await runProgram('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], runAs);
  return status === 0;
}

/**
 * Where the data of a folder stand, when they do not stand in it.
 *
 * @returns `null`: in the folder itself, if anywhere
 */
export async function movedTo(dataDir: string): Promise<string | null> {
  const moved = await readFile(path.join(dataDir, LOCATION_FILE), 'utf8').catch(() => null);
  return moved === null ? null : moved.trim();
}

/** Removes what {@link placeData} made, wherever it stands. Nothing may run on it. */
export async function removeData(dataDir: string): Promise<void> {
  const moved = await movedTo(dataDir);
  if (moved !== null) await rm(moved, { recursive: true, force: true });
  await rm(dataDir, { recursive: true, force: true });
}
