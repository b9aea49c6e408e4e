import pg from 'pg';

const CONNECT_MS = 5_000;
const STATEMENT_MS = 5_000;
const LOCK_MS = 2_000;
const IDLE_IN_TRANSACTION_MS = 10_000;
/** For a connection that has gone dead without a word: so much more than the server's own limit. */
const ANSWER_MARGIN_MS = 3_000;
/**
 * A server that is silent for so long is asked by TCP whether it is there: a statement without a limit of its own would wait for a
 * dead one for hours. Without a number here Node leaves it to the kernel, which begins after two.
 */
const KEEP_ALIVE_MS = 60_000;

const INT8 = 20;

/** For a statement that reads all that there is, and that nobody waits for but a person: ten minutes, in milliseconds. */
export const REPORT_STATEMENT_MS = 600_000;

/**
 * Settings of every connection: each wait has its limit.
 *
 * @param statementMs how long a statement may take, in milliseconds
 */
export function connectionSettings(
  url: string,
  applicationName: string,
  statementMs: number = STATEMENT_MS,
): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: statementMs + ANSWER_MARGIN_MS,
    statement_timeout: statementMs,
    lock_timeout: LOCK_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    types: TYPES,
  };
}

/** Ids are safe integers for the next 285,000 years at a thousand jobs a second. */
const parserOf: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  oid === INT8 && format !== 'binary' ? readInt8 : pg.types.getTypeParser(oid, format);

/** How values are read. */
export const TYPES = { getTypeParser: parserOf };

function readInt8(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number))
    throw new RangeError(`Cannot read the number "${text}": it is too large`);
  return number;
}
