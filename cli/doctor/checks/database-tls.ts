import { parsePostgresUrl, type ServerFacts } from '@orca/database';
import { type Check, EVERYWHERE, fail, ok, skipped, type Verdict, warn } from '../check.ts';
import { judgeSeen } from '../look.ts';
import { isThisMachine } from '../this-machine.ts';

/** Whether what goes to the database can be read on its way, and whether anybody may be it. */
export function judgeTls(
  { url, isProduction }: { readonly url: string; readonly isProduction: boolean },
  { isEncrypted }: ServerFacts,
): Verdict {
  const { url: plain } = parsePostgresUrl(url);
  const address = new URL(plain);
  const mode = address.searchParams.get('sslmode');
  if (isThisMachine(address.hostname === '' ? '' : `http://${address.host}`))
    return ok('The database is on this machine');
  const judge = isProduction ? fail : warn;
  if (address.password === '' && isProduction)
    return fail(
      'POSTGRES_URL has no password, and the database is on another machine',
      'give the role one (alter role … password …), require it in pg_hba.conf, and write it into POSTGRES_URL',
    );
  if (!isEncrypted)
    return judge(
      'The connection to the database on another machine is not encrypted',
      'turn "ssl" on in postgresql.conf, and append ?sslmode=verify-full&sslrootcert=/path/to/ca.pem to POSTGRES_URL',
    );
  if (mode === 'no-verify')
    return warn(
      'The connection to the database is encrypted, and its certificate is not checked',
      'use sslmode=verify-full with sslrootcert in POSTGRES_URL',
    );
  return ok('The connection to the database is encrypted, its certificate checked');
}

/** What lies between this machine and the database. */
export const databaseTlsCheck: Check = {
  name: 'database.tls',
  roles: EVERYWHERE,
  async run(host) {
    const { database, isProduction } = host;
    if (database.kind !== 'setting') return skipped('POSTGRES_URL is not set');
    return judgeSeen(host.seeDatabase(), ({ facts }) => judgeTls({ url: database.url, isProduction }, facts));
  },
};
