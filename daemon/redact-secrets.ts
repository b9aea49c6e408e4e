const REDACTED = '[redacted]';
const TEXT_CHARACTERS_MAX = 4096;
const DEPTH_MAX = 8;
const ITEMS_MAX = 100;

const SECRET_NAMES = new Set([
  ...['x-api-key', 'api-key', 'apikey', 'authorization', 'proxy-authorization', 'cookie', 'set-cookie'],
  ...['password', 'secret', 'secrets', 'token', 'leasetoken', 'webhook-signature'],
]);

// Linear patterns only: log lines carry text that strangers wrote.
const SIGNING_SECRET = /whsec_[A-Za-z0-9+/=_-]+/g;
const USER_INFO = /([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/?#@"']{1,512}@/gi;
const URL_QUERY = /([a-z][a-z0-9+.-]{0,20}:\/\/[^\s?"'<>]{1,2048})\?[^\s"'<>]+/gi;
// What moves a terminal's cursor or changes its colours; line feed and tab stay.
const CONTROL_CHARACTERS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/**
 * Takes out of a text what no log may hold: signing secrets, passwords and queries in URLs, control characters.
 *
 * @returns the text, at most 4,096 characters of it
 */
export function redactText(text: string): string {
  const kept =
    text.length <= TEXT_CHARACTERS_MAX
      ? text
      : `${text.slice(0, TEXT_CHARACTERS_MAX)}… (${text.length - TEXT_CHARACTERS_MAX} more characters)`;
  return kept
    .replace(SIGNING_SECRET, `whsec_${REDACTED}`)
    .replace(USER_INFO, `$1${REDACTED}@`)
    .replace(URL_QUERY, `$1?${REDACTED}`)
    .replace(CONTROL_CHARACTERS, escapeCharacter);
}

/**
 * Fields in which PostgreSQL's errors repeat what stands in a row, or was to be written there; and the connection that broke,
 * with all that its driver knows.
 */
const LEFT_OUT = ['detail', 'where', 'internalQuery', 'client'] as const;

function redactError(error: Error, depth: number): Record<string, unknown> {
  const { name, message, stack, cause, ...facts } = error;
  for (const field of LEFT_OUT) Reflect.deleteProperty(facts, field);
  return {
    type: name,
    message: redactText(message),
    ...(stack === undefined ? {} : { stack: redactText(stack) }),
    ...redactFields(facts, depth),
    ...(cause === undefined ? {} : { cause: redactValue(cause, depth + 1) }),
  };
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (depth > DEPTH_MAX) return '[nested too deeply]';
  if (value instanceof Error) return redactError(value, depth);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof URL) return redactText(value.href);
  if (Array.isArray(value)) return value.slice(0, ITEMS_MAX).map((item) => redactValue(item, depth + 1));
  return redactFields(value, depth);
}

function redactFields(fields: object, depth: number): Record<string, unknown> {
  const redacted: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields).slice(0, ITEMS_MAX)) {
    redacted[name] = SECRET_NAMES.has(name.toLowerCase()) ? REDACTED : redactValue(value, depth + 1);
  }
  return redacted;
}

/**
 * Takes secrets out of the fields of a log line, at any depth; errors become plain objects with their causes.
 *
 * @returns a copy, bounded in depth and size
 */
export function redactSecrets(fields: object): Record<string, unknown> {
  return redactFields(fields, 0);
}
