import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { type BoundStatement, sendBatch } from './batch.ts';
import { connectionSettings, TYPES } from './connection-settings.ts';
import {
  DatabaseError,
  hasOutdatedPlan,
  isDiskFull,
  isWorthRepeating,
  leavesConnection,
  translateError,
} from './database-error.ts';
import { createOpenSockets } from './open-sockets.ts';
import { withoutPrismaParameters } from './postgres-url.ts';
import { refuseOldServer } from './server-version.ts';
import type { SqlStatement } from './sql-blocks.ts';

/** Runs statements, on a connection of its own or inside a transaction. */
export type Queries = {
  /**
   * Runs one statement.
   *
   * @returns its rows
   * @throws {DatabaseError} with any of its codes
   */
  query<Row extends pg.QueryResultRow>(
    statement: SqlStatement,
    parameters?: readonly unknown[],
  ): Promise<Row[]>;
};

/** A database that Orca's tables stand in. */
export type Database = Queries &
  AsyncDisposable & {
    /** Whom it was connected with, without what only Prisma understands. Holds the password: never logged. */
    url: string;
    /** Whether PostgreSQL has found its disk full, and nobody has seen since that it is not. */
    room: { isInDoubt: boolean };
    /**
     * Runs statements in one transaction, all of them or none, that is sent at once and answered at once: none of them can
     * depend on what another has given back.
     *
     * @returns the rows of each, whose types the caller knows
     * @throws {DatabaseError} with any of its codes; of a deadlock, too, which is not repeated here
     */
    batch(statements: readonly BoundStatement[]): Promise<pg.QueryResultRow[][]>;
    /**
     * Runs statements in one transaction: all of them or none. When the server found a deadlock, or `run` threw
     * {@link RepeatTransaction}, the whole is done again.
     *
     * @param run must have no effect but its statements
     * @throws {DatabaseError} `outcome_unknown` when the connection was lost during the commit
     */
    transaction<T>(run: (tx: Queries) => Promise<T>): Promise<T>;
  };

/** Thrown inside a transaction that got in the way of another one: it is rolled back and done again. */
export class RepeatTransaction extends Error {
  override readonly name = 'RepeatTransaction';
}

/** How to connect. */
export type ConnectOptions = {
  url: string;
  /** Names this process in `pg_stat_activity`. */
  applicationName: string;
  /** Most connections at once. */
  poolSize?: number;
  /** How long a statement may take, in milliseconds; five seconds unless it is said. */
  statementMs?: number;
  /** Told of connections that break, in use or not; they are replaced. */
  onError?: (error: Error) => void;
};

const POOL_SIZE = 10;
const IDLE_MS = 30_000;
const REPEATS_MAX = 20;
/** Whoever is in the way needs a moment; at random, so that two do not meet again and again. */
const REPEAT_WAIT_MS_MAX = 10;

/**
 * Connects to the database, and makes sure that it is there.
 *
 * Broken connections are replaced by themselves; a statement that finds none fails with `database_unreachable`.
 *
 * @throws {DatabaseError} `database_unreachable` when PostgreSQL does not answer, `server_too_old` below version 13
 * @throws {TypeError} when the URL is none
 */
export async function connectDatabase(options: ConnectOptions): Promise<Database> {
  const url = withoutPrismaParameters(options.url);
  const sockets = createOpenSockets();
  const pool = new pg.Pool({
    ...connectionSettings(url, options.applicationName, options.statementMs),
    stream: sockets.open,
    max: options.poolSize ?? POOL_SIZE,
    idleTimeoutMillis: IDLE_MS,
  });
  const onError = options.onError ?? (() => undefined);
  pool.on('error', onError);
  // A connection that breaks in use fails its statement, too; without a listener it would end the process.
  pool.on('connect', (client) => client.on('error', onError));
  try {
    await withClient(pool, (client) => checkServer(client));
  } catch (error) {
    await sockets.endInOrder(pool.end());
    throw error;
  }
  const room = { isInDoubt: false };
  const noting = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      room.isInDoubt ||= isDiskFull(error);
      throw error;
    }
  };
  return {
    url,
    room,
    batch: (statements) => noting(withClient(pool, (client) => runBatch(client, statements))),
    query: (statement, parameters) =>
      noting(withClient(pool, (client) => runStatement(client, statement, parameters))),
    transaction: (run) => noting(repeatTransaction(pool, run)),
    [Symbol.asyncDispose]: () => sockets.endInOrder(pool.end()),
  };
}

/**
 * Runs on a connection; on the next one where a migration has outdated a plan of this one, since nothing was stored then. Each
 * that an old program has kept may have such plans.
 */
async function withClient<T>(pool: pg.Pool, run: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  for (let repeats = 0; ; repeats += 1) {
    try {
      return await runOnClient(pool, run);
    } catch (error) {
      if (!hasOutdatedPlan(error) || repeats === pool.options.max) throw error;
    }
  }
}

async function runOnClient<T>(pool: pg.Pool, run: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch((cause: unknown) => {
    throw translateError(cause, 'connect', false);
  });
  let isBroken = false;
  try {
    return await run(client);
  } catch (error) {
    isBroken = !leavesConnection(error);
    throw error;
  } finally {
    client.release(isBroken);
  }
}

async function runStatement<Row extends pg.QueryResultRow>(
  client: pg.ClientBase,
  { name, text, writes }: SqlStatement,
  parameters: readonly unknown[] = [],
): Promise<Row[]> {
  try {
    const result = await client.query<Row>({ name, text, values: [...parameters] });
    return result.rows;
  } catch (cause) {
    throw translateError(cause, name, writes);
  }
}

async function runBatch(
  client: pg.ClientBase,
  statements: readonly BoundStatement[],
): Promise<pg.QueryResultRow[][]> {
  try {
    return await sendBatch(client, statements, TYPES);
  } catch (cause) {
    const names = statements.map(({ statement }) => statement.name).join(', ');
    throw translateError(
      cause,
      names,
      statements.some(({ statement }) => statement.writes),
    );
  }
}

async function repeatTransaction<T>(pool: pg.Pool, run: (tx: Queries) => Promise<T>): Promise<T> {
  for (let repeats = 0; ; repeats += 1) {
    try {
      return await withClient(pool, (client) => runTransaction(client, run));
    } catch (cause) {
      if (!(cause instanceof RepeatTransaction) && !isWorthRepeating(cause)) throw cause;
      const sentence = 'Cannot run a transaction: others are in its way';
      if (repeats === REPEATS_MAX) throw new DatabaseError('database_unreachable', sentence, { cause });
      await delay(Math.random() * REPEAT_WAIT_MS_MAX);
    }
  }
}

async function runTransaction<T>(client: pg.PoolClient, run: (tx: Queries) => Promise<T>): Promise<T> {
  await sendCommand(client, 'begin', false);
  let result: T;
  try {
    result = await run({
      // Until the commit nothing is stored, whatever the statement does.
      query: (statement, parameters) => runStatement(client, { ...statement, writes: false }, parameters),
    });
  } catch (error) {
    // Over a connection that is lost nothing can be rolled back: waiting for the answer would double the wait.
    if (leavesConnection(error)) await sendCommand(client, 'rollback', false);
    throw error;
  }
  await sendCommand(client, 'commit', true);
  return result;
}

async function sendCommand(client: pg.PoolClient, command: string, mayBeStored: boolean): Promise<void> {
  try {
    await client.query(command);
  } catch (cause) {
    throw translateError(cause, command, mayBeStored);
  }
}

async function checkServer(client: pg.PoolClient): Promise<void> {
  await refuseOldServer(client).catch((cause: unknown) => {
    throw translateError(cause, 'connect', false);
  });
}
