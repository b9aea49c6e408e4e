import { parseArgs } from 'node:util';
import { type ApiKeyRole, parseHostname } from '@orca/database';
import { readDuration, readExpiry } from './read-times.ts';
import type { KeysTopic } from './usage.ts';

/** What `keys` is asked to do with the database. */
export type KeysCall = { json: boolean } & (
  | { kind: 'create'; hostnames: string[]; role: ApiKeyRole; expiresAt: Date | null; note: string }
  | { kind: 'list' }
  | { kind: 'revoke'; id: number }
  /** `schema` is `null` where none was named. */
  | { kind: 'import'; schema: string | null; table: string; dryRun: boolean }
  | { kind: 'list_secrets' }
  | { kind: 'rotate_secret'; client: string; overlapSeconds: number }
);

/** A command line of `keys`, read. */
export type ReadCall =
  | { kind: 'call'; call: KeysCall }
  | { kind: 'help'; topic: KeysTopic }
  | { kind: 'wrong'; topic: KeysTopic; problems: string[] };

const ROLES = ['client', 'staff', 'admin'] as const satisfies ApiKeyRole[];
const NOTE_CHARACTERS_MAX = 200;
const OVERLAP_DEFAULT = '24h';
const OVERLAP_DAYS_MAX = 90;
const DAY_SECONDS = 86_400;
const OLD_TABLE = 'ApiKey';

const JSON_AND_HELP = { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;

/**
 * Reads the command line of `keys`.
 *
 * @param now what lengths of time count from
 */
export function readArguments([command = '', ...rest]: readonly string[], now: Date): ReadCall {
  const topic = topicOf(command);
  if (topic === null)
    return wrong('keys', [
      command === ''
        ? 'Cannot tell what to do with keys: name a command'
        : `Cannot run "${command}": keys has no such command`,
    ]);
  try {
    return readOf(topic, rest, now);
  } catch (error) {
    // parseArgs says in a sentence which option it does not know, or which lacks its value.
    if (!(error instanceof TypeError) || !('code' in error)) throw error;
    return wrong(topic, [`Cannot read the command line: ${error.message}`]);
  }
}

function topicOf(command: string): KeysTopic | null {
  switch (command) {
    case 'create':
    case 'list':
    case 'revoke':
    case 'import':
    case 'secrets':
      return command;
    case 'help':
    case '--help':
    case '-h':
      return 'keys';
    default:
      return null;
  }
}

function readOf(topic: KeysTopic, args: string[], now: Date): ReadCall {
  switch (topic) {
    case 'keys':
      return { kind: 'help', topic };
    case 'create':
      return readCreate(args, now);
    case 'list': {
      const { values } = parseArgs({ args, options: JSON_AND_HELP });
      return values.help ? { kind: 'help', topic } : made({ kind: 'list', json: values.json ?? false });
    }
    case 'revoke':
      return readRevoke(args);
    case 'import':
      return readImport(args);
    case 'secrets':
      return readSecrets(args);
    default:
      return topic satisfies never;
  }
}

function readCreate(args: string[], now: Date): ReadCall {
  const { values } = parseArgs({
    args,
    options: {
      ...JSON_AND_HELP,
      host: { type: 'string', multiple: true, default: [] },
      role: { type: 'string', default: 'client' },
      expires: { type: 'string' },
      note: { type: 'string', default: '' },
    },
  });
  if (values.help) return { kind: 'help', topic: 'create' };
  const problems: string[] = [];
  const hostnames = new Set(values.host.flatMap((text) => readHost('--host', text, problems)));
  const role = ROLES.find((one) => one === values.role);
  if (role === undefined)
    problems.push(`Cannot use "${values.role}" as --role: it must be client, staff or admin`);
  else if (role !== 'admin' && values.host.length === 0)
    problems.push(`Cannot make a key for nobody: name the course site with --host, like course.example.edu`);
  const expiry = values.expires === undefined ? null : readExpiry(values.expires, now);
  if (expiry?.kind === 'invalid')
    problems.push(`Cannot use "${values.expires}" as --expires: it ${expiry.reason}`);
  if (values.note.length > NOTE_CHARACTERS_MAX || /\p{Cc}/u.test(values.note))
    problems.push(`Cannot use the --note: it must be one line of at most ${NOTE_CHARACTERS_MAX} characters`);
  if (problems.length > 0 || role === undefined) return wrong('create', problems);
  const expiresAt = expiry?.kind === 'ok' ? expiry.at : null;
  const { note, json = false } = values;
  return made({ kind: 'create', hostnames: [...hostnames], role, expiresAt, note, json });
}

function readRevoke(args: string[]): ReadCall {
  const { values, positionals } = parseArgs({ args, options: JSON_AND_HELP, allowPositionals: true });
  if (values.help) return { kind: 'help', topic: 'revoke' };
  const [text = '', ...more] = positionals;
  const id = Number(text);
  if (!/^[1-9]\d*$/.test(text) || !Number.isSafeInteger(id) || more.length > 0)
    return wrong('revoke', ['Cannot tell which key to revoke: give one id, as "keys list" shows it']);
  return made({ kind: 'revoke', id, json: values.json ?? false });
}

function readImport(args: string[]): ReadCall {
  const { values } = parseArgs({
    args,
    options: {
      ...JSON_AND_HELP,
      table: { type: 'string', default: OLD_TABLE },
      'dry-run': { type: 'boolean', default: false },
    },
  });
  if (values.help) return { kind: 'help', topic: 'import' };
  const name = /^(?:("(?:[^"]|"")+"|[^".]+)\.)?("(?:[^"]|"")+"|[^".]+)$/.exec(values.table);
  if (name === null)
    return wrong('import', [`Cannot use "${values.table}" as --table: it must be like public.ApiKey`]);
  const [, schema, table = ''] = name;
  const place = { schema: schema === undefined ? null : unquote(schema), table: unquote(table) };
  return made({ kind: 'import', ...place, dryRun: values['dry-run'], json: values.json ?? false });
}

function readSecrets(args: string[]): ReadCall {
  const { values, positionals } = parseArgs({
    args,
    options: { ...JSON_AND_HELP, overlap: { type: 'string' } },
    allowPositionals: true,
  });
  if (values.help) return { kind: 'help', topic: 'secrets' };
  const [command = '', host, ...more] = positionals;
  const json = values.json ?? false;
  if (command === 'list' && host === undefined && values.overlap === undefined)
    return made({ kind: 'list_secrets', json });
  if (command !== 'rotate' || host === undefined || more.length > 0)
    return wrong('secrets', [
      'Cannot tell what to do with secrets: say "list", or "rotate" and one hostname',
    ]);
  const problems: string[] = [];
  const [client] = readHost('the host', host, problems);
  const overlap = values.overlap ?? OVERLAP_DEFAULT;
  const overlapSeconds = readDuration(overlap);
  if (overlapSeconds === null || overlapSeconds > OVERLAP_DAYS_MAX * DAY_SECONDS) {
    problems.push(
      `Cannot use "${overlap}" as --overlap: it must be like 24h, 30m or 7d, at most ${OVERLAP_DAYS_MAX}d`,
    );
    return wrong('secrets', problems);
  }
  if (client === undefined) return wrong('secrets', problems);
  return made({ kind: 'rotate_secret', client, overlapSeconds, json });
}

/** @returns the hostname, or nothing after the problem was told */
function readHost(where: string, text: string, problems: string[]): string[] {
  const parsed = parseHostname(text);
  if (parsed.kind === 'ok') return [parsed.hostname];
  problems.push(`Cannot use ${JSON.stringify(text)} as ${where}: it ${parsed.reason}`);
  return [];
}

function unquote(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}

function made(call: KeysCall): ReadCall {
  return { kind: 'call', call };
}

function wrong(topic: KeysTopic, problems: string[]): ReadCall {
  return { kind: 'wrong', topic, problems };
}
