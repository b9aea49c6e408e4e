import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectDatabase, migrate } from '@orca/database';
import { removePostgres, startPostgres } from '@orca/database/embedded';
import { startWire, type Wire } from './wire.ts';

/** A PostgreSQL server that only one test uses, and may hurt. */
export interface OwnPostgres extends AsyncDisposable {
  /** Through the wire; the same after a restart. */
  readonly url: string;
  readonly wire: Wire;
  /** Kills it on the spot, as a crash would, with all that it had not written yet. */
  kill(): Promise<void>;
  /** Whether it has ended, by itself or not. */
  hasEnded(): boolean;
  /** Starts it again on the same data, as a supervisor does. */
  restart(): Promise<void>;
}

/** How a server of a test's own is started. */
export interface OwnPostgresOptions {
  /** For its data, such as a small disk; unset: one of its own. */
  readonly folder?: string;
  /** More variables of its process. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts a server that writes as in production, with Orca's schema in it. */
export async function startOwnPostgres(options: OwnPostgresOptions = {}): Promise<OwnPostgres> {
  const { folder, environment = {} } = options;
  const dataDir = folder ?? (await mkdtemp(join(tmpdir(), 'orca-e2e-postgres-')));
  const start = () => startPostgres({ dataDir, log: () => {}, environment });
  let hasEnded = false;
  let server = await start();
  const watch = (): void => {
    const watched = server;
    hasEnded = false;
    void watched.ended.then(() => {
      hasEnded ||= watched === server;
    });
  };
  watch();
  const { port } = new URL(server.url);
  const wire = await startWire(Number(port));
  const url = new URL(server.url);
  url.port = String(wire.port);
  await using db = await connectDatabase({ url: url.href, applicationName: 'orca-e2e' });
  await migrate(db);
  return {
    url: url.href,
    wire,
    async kill() {
      process.kill(server.pid, 'SIGKILL');
      await server.ended;
    },
    hasEnded: () => hasEnded,
    async restart() {
      await server.stop(); // lets go of the folder, also where it ended by itself
      server = await start();
      watch();
      wire.leadTo(Number(new URL(server.url).port));
    },
    async [Symbol.asyncDispose]() {
      await wire[Symbol.asyncDispose]();
      await server.stop();
      if (folder !== undefined) return; // whose it is removes it
      await removePostgres(dataDir);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
