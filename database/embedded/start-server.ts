import { spawn } from 'node:child_process';
import { open, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SUPERUSER } from './make-cluster.ts';
import { isReady, stopPostmaster } from './postmaster.ts';
import { PROGRAM_ENVIRONMENT } from './run-program.ts';
import { serverSettings } from './server-settings.ts';
import type { RunAs } from './system-user.ts';

/** Where a server listens. */
const LOOPBACK = '127.0.0.1';

/** In the folder of a server's data: the port that it had last, and has while it runs. */
export const PORT_FILE = 'port';

const READY_MS = 60_000;
const READY_POLL_MS = 25;
const PORT_TRIES_MAX = 5;
const LOG_BYTES_MAX = 16 * 1024 * 1024;
const LOG_TAIL_CHARACTERS = 2_000;

/** What to start: programs, the folder with port and log, the data folder in it. */
export type ServerPlan = {
  programs: string;
  place: string;
  cluster: string;
  runAs: RunAs;
  durable: boolean;
  /** Where it has to listen; `null`: where it did the last time if that is free, else anywhere. */
  port: number | null;
  /** Variables beside those of all programs. */
  environment: Readonly<Record<string, string>>;
};

/** A server that takes connections. */
export type StartedServer = {
  pid: number;
  port: number;
  /** Resolves when it has ended, however soon that is. */
  ended: Promise<void>;
};

/**
 * Starts a server and waits until it takes connections. Unless it is told otherwise, its port is that of the last time when
 * it is still free, so that whoever noted the URL can go on using it.
 *
 * @throws {Error} when it does not start; the message has the end of its log
 */
export async function startOnItsPort(plan: ServerPlan): Promise<StartedServer> {
  const portFile = path.join(plan.place, PORT_FILE);
  const lastPort = Number(await readFile(portFile, 'utf8').catch(() => '0'));
  for (let tries = 1; ; tries += 1) {
    const port = plan.port ?? (await findFreePort(tries === 1 ? lastPort : 0));
    const started = await startServer(plan, port);
    if (started.kind === 'ready') {
      await writeFile(portFile, `${port}\n`);
      return { pid: started.pid, port, ended: started.ended };
    }
    const mayGoElsewhere = started.portTaken && plan.port === null;
    if (!mayGoElsewhere || tries === PORT_TRIES_MAX)
      throw new Error(`Cannot start PostgreSQL in "${plan.cluster}": ${started.sentence}`);
  }
}

/** Where a database of a server is, with its password. */
export function serverUrl(server: { password: string; port: number; database: string }): string {
  return `postgres://${SUPERUSER}:${server.password}@${LOOPBACK}:${server.port}/${server.database}`;
}

type StartOutcome =
  | { kind: 'ready'; pid: number; ended: Promise<void> }
  | { kind: 'failed'; portTaken: boolean; sentence: string };

async function startServer(plan: ServerPlan, port: number): Promise<StartOutcome> {
  const logFile = path.join(plan.place, 'postgres.log');
  if (((await stat(logFile).catch(() => null))?.size ?? 0) > LOG_BYTES_MAX) await truncate(logFile);
  await using log = await open(logFile, 'a', 0o600);
  const logStart = (await log.stat()).size;
  const settings = serverSettings({ port, durable: plan.durable });
  const child = spawn(
    path.join(plan.programs, 'bin', 'postgres'),
    ['-D', plan.cluster, ...settings.flatMap((setting) => ['-c', setting])],
    {
      cwd: '/',
      detached: true,
      env: { ...PROGRAM_ENVIRONMENT, ...plan.environment },
      stdio: ['ignore', log.fd, log.fd], // a file, so that it outlives its launcher without a broken pipe
      ...plan.runAs.ids,
    },
  );
  child.once('error', () => undefined);
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  child.once('exit', () => resolve());
  child.unref();
  const deadline = performance.now() + READY_MS;
  while (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
    if (await isReady(plan.cluster, child.pid)) return { kind: 'ready', pid: child.pid, ended };
    if (performance.now() > deadline) {
      await stopPostmaster(child.pid, plan.cluster);
      return { kind: 'failed', portTaken: false, sentence: `it is not ready after ${READY_MS / 1000} s` };
    }
    await delay(READY_POLL_MS);
  }
  const printed = (await readFile(logFile)).subarray(logStart).toString('utf8');
  const sentence = `it ended at once: ${printed.trim().slice(-LOG_TAIL_CHARACTERS)}`;
  return { kind: 'failed', portTaken: printed.includes('Address already in use'), sentence };
}

/** @returns `wanted` when it is free, else one that the kernel chooses */
function findFreePort(wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => (wanted === 0 ? reject(error) : resolve(findFreePort(0))));
    server.listen(wanted, LOOPBACK, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
