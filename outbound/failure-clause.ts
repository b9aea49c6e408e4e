/** What the codes of Node and undici mean to a person. Clauses name no host and no URL: they end up in results. */
const CLAUSES: Record<string, string> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ETIMEDOUT: 'no connection came about in time',
  UND_ERR_CONNECT_TIMEOUT: 'no connection came about in time',
  UND_ERR_SOCKET: 'the connection was cut',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name could not be resolved',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the body had not the length that was announced',
  UND_ERR_HEADERS_OVERFLOW: 'the headers of the answer were too long',
  Z_DATA_ERROR: 'the compressed body is damaged',
  Z_BUF_ERROR: 'the compressed body was cut',
};

const TLS_CODE = /^(?:CERT_|ERR_TLS|ERR_SSL|EPROTO|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH)/;

/**
 * Says in a clause why an exchange failed, e.g. `the connection was refused`.
 *
 * @returns never a host, a URL or an address
 */
export function failureClause(error: unknown): string {
  const code = codeOf(error);
  if (code === 'time_limit' || code === 'refused') return messageOf(error);
  // undici gives its parser's errors no code of their own.
  if (error instanceof Error && error.name === 'HTTPParserError') return 'the answer is not HTTP';
  const known = CLAUSES[code];
  if (known !== undefined) return known;
  if (TLS_CODE.test(code)) return `no secure connection came about (${code})`;
  return code === '' ? 'the exchange failed' : `the exchange failed (${code})`;
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error instanceof AggregateError ? codeOf(error.errors[0]) : codeOf(error.cause);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'the exchange failed';
}
