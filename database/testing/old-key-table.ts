import pg from 'pg';

/** The table as the last migration of the old system makes it. */
const CREATE = `create table if not exists public."ApiKey" (
  "id" serial not null, "hostname" text not null, "value" text not null,
  constraint "ApiKey_pkey" primary key ("id"))`;
const INSERT = 'insert into public."ApiKey" (value, hostname) select * from unnest($1::text[], $2::text[])';

/**
 * Makes the old system's table of API keys in a test's database, and puts keys into it.
 *
 * @param keys key and hostname of each
 */
export async function makeOldKeys(
  databaseUrl: string,
  keys: readonly (readonly [value: string, hostname: string])[],
): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'orca test' });
  await client.connect();
  try {
    await client.query(CREATE);
    await client.query(INSERT, [keys.map(([value]) => value), keys.map(([, hostname]) => hostname)]);
  } finally {
    await client.end();
  }
}
