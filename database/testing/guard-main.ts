/**
 * A process that runs the tests' PostgreSQL and ends it, and itself, when no test has used it for a while.
 * Started by shared-server.ts; its one argument is the folder.
 */
import { realpath, rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { askHolder, holdLock } from '../embedded/hold-lock.ts';
import { type EmbeddedPostgres, removePostgres, startPostgres } from '../embedded/index.ts';
import { sharedServerLock, urlFileOf } from './shared-server.ts';

const IDLE_MS = 60_000;
const LOOK_MS = 2_000;
const LOCK_MS = 60_000;

const COUNT_CLIENTS = `
  select count(*)::integer as clients from pg_stat_activity
  where backend_type = 'client backend' and pid <> pg_backend_pid()`;

await guard(process.argv[2] ?? '');

async function guard(folder: string): Promise<void> {
  const options = { dataDir: folder, durable: false, log: console.log };
  const server = await startPostgres(options).catch(async (error: unknown) => {
    // Never under a server that runs.
    if ((await askHolder(`postgres ${await realpath(folder)}`)) !== null) throw error;
    // Without fsync a crash of the machine leaves data that no server starts with; they are worth nothing.
    console.log(String(error));
    await removePostgres(folder);
    return startPostgres(options);
  });
  const client = new pg.Client({ connectionString: server.url, application_name: 'orca test guard' });
  client.on('error', () => undefined);
  await client.connect();
  await writeFile(urlFileOf(folder), `${server.url}\n`, { mode: 0o600 });
  let idleSince = performance.now();
  for (;;) {
    await delay(LOOK_MS);
    const clients = await countClients(client);
    if (clients === null) break; // the server is gone
    if (clients > 0) idleSince = performance.now();
    if (performance.now() - idleSince > IDLE_MS && (await stopWhenIdle(folder, server, client))) break;
  }
  process.exit(0);
}

/** Under the lock nobody can join: either a test has come meanwhile, or none can before the server is gone. */
async function stopWhenIdle(folder: string, server: EmbeddedPostgres, client: pg.Client): Promise<boolean> {
  await using lock = await holdLock(sharedServerLock(folder), LOCK_MS);
  if (lock === null || (await countClients(client)) !== 0) return false;
  await rm(urlFileOf(folder), { force: true });
  await server.stop();
  await removePostgres(folder);
  await rm(`${folder}.log`, { force: true });
  return true;
}

async function countClients(client: pg.Client): Promise<number | null> {
  try {
    const answer = await client.query<{ clients: number }>(COUNT_CLIENTS);
    return answer.rows[0]?.clients ?? 0;
  } catch {
    return null;
  }
}
