import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { connectDatabase, type Database } from '../connect.ts';
import { renewInstallationId } from '../installation.ts';
import { migrate, readMigrations, schemaHash } from '../migrate.ts';
import { sqlFile } from '../sql-blocks.ts';
import { connectToTestServer } from './shared-server.ts';

const sql = sqlFile(import.meta.url, 'clone-database.sql');

/** A database of one test, gone when it is disposed of. */
export type ClonedDatabase = AsyncDisposable & {
  url: string;
  db: Database;
};

/** Orca's own among PostgreSQL's advisory locks. */
const TEMPLATE_LOCK = 7_620_110_002;
/** A test's database that is older than this was left behind by a test that was killed. */
const LEFT_BEHIND_SECONDS = 6 * 3600;

/**
 * Gives a test a database of its own, with all migrations applied and an installation id of its own.
 *
 * It is cloned from a template that is made once for a set of migrations. The server is the one in
 * `ORCA_TEST_POSTGRES_URL`, else an embedded one that all tests of this user share.
 */
export async function cloneDatabase(): Promise<ClonedDatabase> {
  await using opened = new AsyncDisposableStack();
  const server = await connectToTestServer(givenUrl());
  opened.defer(() => server.end());
  const template = await makeTemplate(server);
  const name = `orca_test_${Math.floor(Date.now() / 1000)}_${randomBytes(6).toString('hex')}`;
  await server.query(`create database ${name} template ${template}`);
  opened.defer(async () => {
    await server.query(`drop database if exists ${name} with (force)`);
  });
  const url = urlOf(server, name);
  const db = opened.use(await connectDatabase({ url, applicationName: 'orca test' }));
  await renewInstallationId(db);
  const kept = opened.move();
  return { url, db, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** Made under another name and renamed, so that a template is whole or not there. */
async function makeTemplate(server: pg.Client): Promise<string> {
  const hash = schemaHash(readMigrations());
  const template = `orca_template_${hash}`;
  const half = `orca_half_${hash}`;
  await server.query(sql('lock_template').text, [TEMPLATE_LOCK]);
  try {
    const found = await server.query(sql('find_database').text, [template]);
    if (found.rowCount !== 0) return template;
    await dropLeftBehind(server);
    await server.query(`drop database if exists ${half} with (force)`);
    await server.query(`create database ${half} template template0 encoding 'UTF8'`);
    await migrate(urlOf(server, half));
    await server.query(`alter database ${half} rename to ${template}`);
    return template;
  } finally {
    await server.query(sql('unlock_template').text, [TEMPLATE_LOCK]);
  }
}

async function dropLeftBehind(server: pg.Client): Promise<void> {
  const names = await server.query<{ name: string }>(sql('list_left_behind').text, [LEFT_BEHIND_SECONDS]);
  for (const { name } of names.rows) {
    await server.query(`drop database if exists ${server.escapeIdentifier(name)} with (force)`);
  }
}

function urlOf(server: pg.Client, database: string): string {
  const url = new URL('postgres://localhost');
  url.username = encodeURIComponent(server.user ?? '');
  url.password = encodeURIComponent(server.password ?? '');
  url.hostname = server.host;
  url.port = String(server.port);
  url.pathname = `/${database}`;
  return url.href;
}

function givenUrl(): string | undefined {
  // biome-ignore lint/style/noProcessEnv: tests have no settings of their own; this is the one that they share
  return process.env['ORCA_TEST_POSTGRES_URL'];
}
