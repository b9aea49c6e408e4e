/** What a database URL says, in node-postgres's words and in ours. */
export type PostgresUrl = {
  /** For node-postgres: only parameters that it and Orca know. Holds the password: never logged. */
  url: string;
  /** Prisma's `schema`, else `public`: where the old system's tables are. Orca's own always stand in `orca`. */
  schema: string;
  /** Parameters of Prisma that mean nothing here, by name. */
  ignored: string[];
  /** Parameters that nobody here knows, by name; they are left out. */
  unknown: string[];
};

/** Where things about a URL are told; a daemon's logger is one. */
export type RemarkLog = {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
};

const DEFAULT_SCHEMA = 'public';

/** Prisma's, about its own pool and its own engine; the guide's examples have them. */
const PRISMA_ONLY = [
  'connection_limit',
  'pool_timeout',
  'connect_timeout',
  'socket_timeout',
  'pgbouncer',
  'statement_cache_size',
  'max_idle_connection_lifetime',
  'max_connection_lifetime',
] as const;

/**
 * Handed on. All others are not: node-postgres would take any of its settings from a URL, `query_timeout` and `types`
 * among them, in place of ours.
 */
const HANDED_ON = [
  'host',
  'options',
  'sslmode',
  'sslcert',
  'sslkey',
  'sslrootcert',
  'sslnegotiation',
  'uselibpqcompat',
] as const;

/** What is honoured without being handed on. */
const OURS = ['schema', 'sslaccept'] as const;

/** With TLS, the certificate is checked: node-postgres makes no difference between these, and warns of two of them. */
const CHECKED_MODES = ['require', 'verify-ca', 'verify-full'];
const SSL_MODES = ['disable', ...CHECKED_MODES, 'no-verify'];

/**
 * Reads a database URL in node-postgres's or Prisma's form.
 *
 * @param url a `postgres:` or `postgresql:` URL
 * @throws {TypeError} when it is no such URL, or its `sslmode` none that can be kept; the message does not repeat the
 *   URL, since it holds a password
 * @see docs/reference/postgres-url.md
 */
export function parsePostgresUrl(url: string): PostgresUrl {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !/^postgres(ql)?:\/\//i.test(url)) {
    throw new TypeError(
      'Cannot use the database URL: it is not like "postgres://user:password@host:5432/name"',
    );
  }
  const parameters = parsed.searchParams;
  const names = [...new Set(parameters.keys())];
  const schema = parameters.get('schema') || DEFAULT_SCHEMA;
  const isKnown = (list: readonly string[]) => (name: string) => list.includes(name);
  const ignored = names.filter(isKnown(PRISMA_ONLY));
  const unknown = names.filter((name) => !isKnown([...PRISMA_ONLY, ...HANDED_ON, ...OURS])(name));
  if (parameters.has('sslaccept') && !parameters.has('sslmode')) ignored.push('sslaccept');
  translateSsl(parameters);
  for (const name of names) if (!isKnown(HANDED_ON)(name)) parameters.delete(name);
  return { url: parsed.href, schema, ignored, unknown };
}

/**
 * Takes out of a database URL what is not for PostgreSQL. Our tables stand in the schema `orca` whatever it says.
 *
 * @throws {TypeError} as {@link parsePostgresUrl} does
 */
export function withoutPrismaParameters(url: string): string {
  return parsePostgresUrl(url).url;
}

/**
 * Tells an operator which parameters of `POSTGRES_URL` have no effect: Prisma's in one line, unknown ones in a warning.
 *
 * @throws {TypeError} as {@link parsePostgresUrl} does
 */
export function remarkOnUrl(url: string, log: RemarkLog): void {
  const { ignored, unknown } = parsePostgresUrl(url);
  if (ignored.length > 0)
    log.info({ parameters: ignored }, 'parameters of POSTGRES_URL are ignored: they are for Prisma only');
  if (unknown.length > 0)
    log.warn({ parameters: unknown }, 'parameters of POSTGRES_URL are ignored: they are not known here');
}

function translateSsl(parameters: URLSearchParams): void {
  // Prisma's sslcert is the root certificate; a client's own certificate never comes without its key.
  const certificate = parameters.get('sslcert');
  if (certificate !== null && !parameters.has('sslkey')) {
    parameters.delete('sslcert');
    if (!parameters.has('sslrootcert')) parameters.set('sslrootcert', certificate);
  }
  const mode = parameters.get('sslmode');
  // Who asks for libpq's meaning gets it, from node-postgres.
  if (mode === null || parameters.get('uselibpqcompat') === 'true') return;
  if (!SSL_MODES.includes(mode)) throw new TypeError(refusedMode(mode));
  if (!CHECKED_MODES.includes(mode)) return;
  const acceptsAny = mode === 'require' && parameters.get('sslaccept') === 'accept_invalid_certs';
  parameters.set('sslmode', acceptsAny ? 'no-verify' : 'verify-full');
}

function refusedMode(mode: string): string {
  const fits = SSL_MODES.join(', ');
  if (!/^(allow|prefer)$/.test(mode)) return `Cannot use the database URL: its sslmode is none of ${fits}`;
  return (
    `Cannot use the database URL with sslmode=${mode}: Orca does not choose between TLS and plain text by itself; ` +
    `its sslmode must be one of ${fits}`
  );
}
