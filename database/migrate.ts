import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import pg from 'pg';
import type { Database } from './connect.ts';
import { connectionSettings } from './connection-settings.ts';
import { DatabaseError, isLockTimeout, translateError } from './database-error.ts';
import { withoutPrismaParameters } from './postgres-url.ts';
import { refuseOldServer } from './server-version.ts';
import { sqlFile } from './sql-blocks.ts';

const sql = sqlFile(import.meta.url, 'migrate.sql');

/** One step of the schema's history. */
export type Migration = {
  /** 1, 2, … without gaps. */
  number: number;
  /** Such as `0001_queue`. */
  name: string;
  sql: string;
};

/** How the database's schema stands to what this Orca needs. */
export type SchemaState =
  | { kind: 'current' }
  /** These are missing, in order; all of them on a database that Orca has never seen. */
  | { kind: 'behind'; missing: string[] }
  | { kind: 'newer'; found: number; known: number };

/** Orca's own among PostgreSQL's advisory locks. */
const MIGRATION_LOCK = 7_620_110_001;
/** How long a migration waits for what something else has locked; who uses the same waits behind it. */
const LOCK_MS = 120_000;
const FILE_NAME = /^(\d{4})_[a-z0-9_]+\.sql$/;

/**
 * Brings the database to the schema that this Orca needs; nothing happens when it is there already.
 *
 * Safe when several processes do it at once. Each migration is one transaction, which takes as long as it takes: none is ever
 * half done.
 *
 * @param options.lockMs how long it waits for a lock, in milliseconds
 * @returns the names of the migrations that were applied
 * @throws {DatabaseError} `schema_newer` when a newer Orca has been here, `server_too_old`, `database_unreachable`
 */
export async function migrate(
  database: Database | string,
  { lockMs = LOCK_MS }: { lockMs?: number } = {},
): Promise<{ applied: string[] }> {
  try {
    return await withConnection(urlOf(database), migrationLimits(lockMs), applyMissing);
  } catch (error) {
    throw isLockTimeout(error) ? lockedOut(error, lockMs) : error;
  }
}

/** None for a statement: a server that is dead is found by TCP (see connection-settings.ts). */
export function migrationLimits(lockMs: number): pg.ClientConfig {
  return { query_timeout: 0, statement_timeout: false, lock_timeout: lockMs };
}

async function applyMissing(client: pg.Client): Promise<{ applied: string[] }> {
  const migrations = readMigrations();
  await client.query(sql('lift_statement_limit').text);
  await client.query(sql('lock_migrations').text, [MIGRATION_LOCK]);
  const state = await compareSchema(client, migrations);
  switch (state.kind) {
    case 'current':
      return { applied: [] };
    case 'newer':
      throw newerSchema(state.found, state.known);
    case 'behind':
      for (const migration of migrations) {
        if (state.missing.includes(migration.name)) await apply(client, migration);
      }
      return { applied: state.missing };
    default:
      return state satisfies never;
  }
}

/**
 * Compares the database's schema with what this Orca needs; changes nothing.
 *
 * @throws {DatabaseError} `database_unreachable`, `server_too_old`
 */
export async function findSchemaState(database: Database | string): Promise<SchemaState> {
  return withConnection(urlOf(database), {}, (client) => compareSchema(client, readMigrations()));
}

/** All migrations, oldest first. */
export function readMigrations(): Migration[] {
  const folder = new URL('./migrations/', import.meta.url);
  const migrations = readdirSync(folder)
    .filter((file) => FILE_NAME.test(file))
    .sort()
    .map((file) => ({
      number: Number(FILE_NAME.exec(file)?.[1]),
      name: file.replace(/\.sql$/, ''),
      sql: readFileSync(new URL(file, folder), 'utf8'),
    }));
  const misplaced = migrations.find(({ number }, index) => number !== index + 1);
  if (misplaced !== undefined) {
    throw new Error(
      `Cannot use the migration "${misplaced.name}": its number does not follow the one before it`,
    );
  }
  return migrations;
}

/** Names a schema: two with the same hash were made by the same migrations. */
export function schemaHash(migrations: readonly Migration[]): string {
  const hash = createHash('sha256');
  for (const { name, sql } of migrations) hash.update(`${name}\0${sql}\0`);
  return hash.digest('hex').slice(0, 16);
}

function urlOf(database: Database | string): string {
  return typeof database === 'string' ? withoutPrismaParameters(database) : database.url;
}

/** Its own connection, with its own limits. */
async function withConnection<T>(
  url: string,
  limits: pg.ClientConfig,
  run: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ ...connectionSettings(url, 'orca migrate'), ...limits });
  client.on('error', () => undefined); // the statement under way fails with it
  try {
    await client.connect();
    return await run(client);
  } catch (cause) {
    throw translateError(cause, 'migrate', false);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function compareSchema(client: pg.Client, migrations: readonly Migration[]): Promise<SchemaState> {
  await refuseOldServer(client);
  const present = await client.query<{ found: boolean }>(sql('find_migrations_table').text);
  const applied = present.rows[0]?.found
    ? await client.query<{ number: number }>(sql('list_migrations').text)
    : { rows: [] };
  const numbers = new Set(applied.rows.map(({ number }) => number));
  const found = Math.max(0, ...numbers);
  if (found > migrations.length) return { kind: 'newer', found, known: migrations.length };
  const missing = migrations.filter(({ number }) => !numbers.has(number)).map(({ name }) => name);
  return missing.length === 0 ? { kind: 'current' } : { kind: 'behind', missing };
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  await client.query('begin');
  try {
    await client.query(migration.sql);
    await client.query(sql('note_migration').text, [migration.number, migration.name]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

function newerSchema(found: number, known: number): DatabaseError {
  return new DatabaseError(
    'schema_newer',
    `Cannot use this database: its schema is number ${found}, and this Orca knows only up to ${known}; ` +
      'update Orca, or restore a backup made before the update',
  );
}

function lockedOut(cause: DatabaseError, lockMs: number): DatabaseError {
  return new DatabaseError(
    'database_unreachable',
    `Cannot migrate the database: something else has had a lock in it for ${lockMs / 1_000} s, such as a backup, another ` +
      'migration, or a session that was left open; wait for its end or end it (pg_stat_activity lists the sessions), and ' +
      'migrate again: what was done is kept, and the migration that waited has changed nothing',
    { cause, sqlState: cause.sqlState },
  );
}
