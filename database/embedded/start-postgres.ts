import { mkdir, realpath } from 'node:fs/promises';
import { placeBinaries, placeData } from './choose-place.ts';
import { findBinaries } from './find-binaries.ts';
import { askHolder, type HeldLock, holdLock } from './hold-lock.ts';
import { makeCluster } from './make-cluster.ts';
import { makeDatabase } from './make-database.ts';
import { findPostmaster, stopPostmaster } from './postmaster.ts';
import { serverUrl, startOnItsPort } from './start-server.ts';
import { findRunAs } from './system-user.ts';

/** The database of an embedded server. */
export const DEFAULT_DATABASE = 'orca';

/** How an embedded server is to run. */
export type EmbeddedOptions = {
  /** All that it keeps stands here, or in a place that a file in here names. Made when it is missing. */
  dataDir: string;
  /** Told in a sentence what is done that takes time or happens elsewhere. */
  log: (line: string) => void;
  /** False: faster, and a crash of the machine may lose everything. For tests. */
  durable?: boolean;
  /** Where it ran before: it comes back just there, with its data, or not at all. */
  formerUrl?: string;
  /** More variables of the server's process; for tests. */
  environment?: Readonly<Record<string, string>>;
  /** Database to make and to name in the URL; {@link DEFAULT_DATABASE} unless another is wanted. */
  database?: string;
};

/** A server that runs until it is stopped. */
export type EmbeddedPostgres = AsyncDisposable & {
  /** `postgres://…@127.0.0.1:…/orca`, with its password. */
  url: string;
  pid: number;
  /** Resolves with a sentence when it ends without having been stopped. */
  ended: Promise<string>;
  /** Stops it in order; safe to call twice. */
  stop(): Promise<void>;
};

/**
 * Starts a PostgreSQL server of our own on loopback, with a password of its own.
 *
 * One launcher at a time has a data folder, for as long as it lives. A server that a killed launcher left behind is
 * stopped and started anew. The server runs in a session of its own: a terminal's Ctrl-C does not reach it.
 *
 * @throws {Error} when another process uses the folder, or the server does not start
 * @see docs/adr/0004-embedded-postgresql.md
 */
export async function startPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  await using opened = new AsyncDisposableStack();
  await mkdir(options.dataDir, { recursive: true });
  opened.use(await lockFolder(await realpath(options.dataDir)));
  const runAs = await findRunAs(options.log);
  const binaries = findBinaries();
  const programs = await placeBinaries(binaries, runAs, options.log);
  const place = await placeData(options.dataDir, runAs, options.log);
  const durable = options.durable ?? true;
  const { cluster, password } = await makeCluster(place, {
    binaries: programs,
    major: binaries.major,
    runAs,
    durable,
    mayMake: options.formerUrl === undefined,
  });
  const left = await findPostmaster(cluster);
  if (left !== null) {
    options.log(`stopping the PostgreSQL that a killed process left behind (process ${left})`);
    await stopPostmaster(left, cluster);
  }
  const { environment = {}, formerUrl } = options;
  const port = formerUrl === undefined ? null : Number(new URL(formerUrl).port);
  const server = await startOnItsPort({ programs, place, cluster, runAs, durable, port, environment });
  const { pid } = server;
  opened.defer(() => stopPostmaster(pid, cluster));
  const database = options.database ?? DEFAULT_DATABASE;
  const url = serverUrl({ password, port: server.port, database });
  await makeDatabase(url, database);
  const running = opened.move();
  const ended = server.ended.then(() => `PostgreSQL in "${cluster}" has ended`);
  const stop = () => running.disposeAsync();
  return { url, pid, ended, stop, [Symbol.asyncDispose]: stop };
}

async function lockFolder(folder: string): Promise<HeldLock> {
  const name = `postgres ${folder}`;
  const lock = await holdLock(name, 0);
  if (lock !== null) return lock;
  const holder = await askHolder(name);
  const who = holder === null ? 'another process' : `process ${holder}`;
  throw new Error(`Cannot start PostgreSQL in "${folder}": ${who} runs one there`);
}
