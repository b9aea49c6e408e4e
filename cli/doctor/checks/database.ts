import { DatabaseError, type ServerFacts } from '@orca/database';
import { type Check, EVERYWHERE, fail, ok, skipped, type Verdict, warn } from '../check.ts';
import { explain } from '../explain.ts';
import type { DatabaseSource } from '../host.ts';
import { hostOf } from '../this-machine.ts';

/** The newest PostgreSQL that Orca is tested on. */
const POSTGRES_MAJOR_MAX = 18;

/** Why the database could not be asked, and what to do: by what the server or the system said. */
export function judgeUnreachable(error: unknown, url: string): Verdict {
  const now = explain(error);
  const where = hostOf(url.replace(/^postgres(ql)?:/i, 'http:'));
  if (error instanceof DatabaseError && error.code === 'server_too_old')
    return fail(now, 'move the database to PostgreSQL 13 or newer (pg_upgrade, or pg_dump and restore)');
  if (error instanceof TypeError)
    return fail(now, 'write POSTGRES_URL as docs/reference/postgres-url.md says');
  if (/password authentication|no pg_hba|28P01|28000/.test(now))
    return fail(now, 'set the user and password of POSTGRES_URL right, and let them in in pg_hba.conf');
  if (/does not exist|3D000/.test(now))
    return fail(now, 'make the database: createdb --encoding UTF8 --template template0 <name>');
  if (/certificate|SSL|TLS/.test(now))
    return fail(
      now,
      'see "sslmode" and "sslrootcert" in docs/reference/postgres-url.md: the certificate is checked',
    );
  return fail(
    now,
    `start PostgreSQL on ${where}, and see that its listen_addresses, port and firewall let this machine in`,
  );
}

/** Versions and encodings that Orca runs on. */
export function judgeServer({ version, encoding, database }: ServerFacts): Verdict {
  if (encoding !== 'UTF8')
    return fail(
      `The database "${database}" is encoded in ${encoding}: what students write does not fit`,
      'make another: createdb --encoding UTF8 --template template0 <name>, and name it in POSTGRES_URL',
    );
  const major = Number.parseInt(version, 10);
  const now = `PostgreSQL ${version.split(' ')[0]}, ${encoding}, database "${database}"`;
  if (major <= POSTGRES_MAJOR_MAX) return ok(now);
  return warn(
    `${now}: Orca is tested up to ${POSTGRES_MAJOR_MAX}`,
    'run "./orca test" against it, or use a tested one',
  );
}

const NO_DATABASE = 'POSTGRES_URL is not set and no "orca up" runs: that makes a database of its own';

/** Whether there is a database that Orca can use. */
export const databaseCheck: Check = {
  name: 'database',
  roles: EVERYWHERE,
  async run(host) {
    const { database } = host;
    if (database.kind === 'none') return judgeMissing(database);
    const look = await host.seeDatabase();
    return look.kind === 'seen' ? judgeServer(look.value.facts) : judgeUnreachable(look.error, database.url);
  },
};

function judgeMissing({ isRequired }: Extract<DatabaseSource, { kind: 'none' }>): Verdict {
  if (!isRequired) return skipped(NO_DATABASE);
  return fail(
    'POSTGRES_URL is not set, and no program of Orca starts without',
    'set POSTGRES_URL=postgresql://user:password@host:5432/orca in the environment or in .env',
  );
}
