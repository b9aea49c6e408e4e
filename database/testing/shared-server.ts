import { spawn } from 'node:child_process';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { findBinaries } from '../embedded/find-binaries.ts';
import { holdLock } from '../embedded/hold-lock.ts';

/** How long a first test waits for the server: a slow machine makes its data folder meanwhile. */
const START_MS = 120_000;
const POLL_MS = 50;

/** The folder of the server that all tests of this user share. */
export function sharedServerFolder(): string {
  const name = `orca-test-postgres-${process.getuid?.() ?? 'user'}-${findBinaries().version}`;
  return path.join(os.tmpdir(), name);
}

/** The lock under which the server is started, joined and stopped: nobody joins one that is being stopped. */
export function sharedServerLock(folder: string): string {
  return `test-postgres ${folder}`;
}

/** The file that names the running server. */
export function urlFileOf(folder: string): string {
  return path.join(folder, 'url');
}

/**
 * Connects to the server for tests: the one that is given, else one of our own that is started when none runs. It stops
 * by itself a minute after the last connection has gone.
 *
 * @param given `ORCA_TEST_POSTGRES_URL`: a superuser's URL of a server that may be filled with databases
 * @returns a connection to its database for maintenance; while it is open the server runs
 */
export async function connectToTestServer(given: string | undefined): Promise<pg.Client> {
  if (given !== undefined) {
    const client = await tryConnect(given);
    if (client === null) throw new Error('Cannot connect to ORCA_TEST_POSTGRES_URL: no server answers there');
    return client;
  }
  const folder = sharedServerFolder();
  await using lock = await holdLock(sharedServerLock(folder), START_MS);
  if (lock === null) throw new Error(`Cannot start PostgreSQL for tests: "${folder}" is locked for too long`);
  const running = await connectByFile(folder);
  if (running !== null) return running;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // Awaited here: the lock would be let go of before the server runs, and a second test would start another one.
  return await startGuard(folder);
}

async function startGuard(folder: string): Promise<pg.Client> {
  const logName = `${folder}.log`;
  await rm(urlFileOf(folder), { force: true });
  await using log = await open(logName, 'w', 0o600);
  // No environment of ours: the runner of the tests leaves marks in it that would make the guard a test, too.
  const guard = spawn(process.execPath, [fileURLToPath(new URL('guard-main.ts', import.meta.url)), folder], {
    cwd: '/',
    detached: true,
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', TMPDIR: os.tmpdir() },
    stdio: ['ignore', log.fd, log.fd],
  });
  guard.once('error', () => undefined);
  guard.unref();
  const deadline = performance.now() + START_MS;
  while (performance.now() < deadline && guard.exitCode === null && guard.signalCode === null) {
    const client = await connectByFile(folder);
    if (client !== null) return client;
    await delay(POLL_MS);
  }
  throw new Error(`Cannot start PostgreSQL for tests: ${await readFile(logName, 'utf8')}`);
}

async function connectByFile(folder: string): Promise<pg.Client | null> {
  const url = await readFile(urlFileOf(folder), 'utf8').catch(() => null);
  return url === null ? null : tryConnect(url.trim());
}

async function tryConnect(url: string): Promise<pg.Client | null> {
  const client = new pg.Client({ connectionString: url, application_name: 'orca test' });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch {
    await client.end().catch(() => undefined);
    return null;
  }
}
