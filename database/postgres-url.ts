/** Parameters of Prisma's connection URLs that mean nothing to PostgreSQL; the guide's examples have them. */
const PRISMA_PARAMETERS = [
  'schema',
  'connection_limit',
  'pool_timeout',
  'connect_timeout',
  'socket_timeout',
  'pgbouncer',
  'statement_cache_size',
  'sslaccept',
  'sslidentity',
  'sslpassword',
] as const;

/**
 * Takes out of a database URL what only Prisma understands. Our tables stand in the schema `orca` whatever it says.
 *
 * @param url a `postgres:` or `postgresql:` URL
 * @throws {TypeError} when it is no such URL; the message does not repeat it, since it holds a password
 */
export function withoutPrismaParameters(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !/^postgres(ql)?:\/\//i.test(url)) {
    throw new TypeError(
      'Cannot use the database URL: it is not like "postgres://user:password@host:5432/name"',
    );
  }
  for (const name of PRISMA_PARAMETERS) parsed.searchParams.delete(name);
  return parsed.href;
}
