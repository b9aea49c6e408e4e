import type { ListedApiKey } from '@orca/database';
import type { KeysAnswer } from './answer.ts';
import type { HostSecret } from './create-key.ts';
import type { KeysCall } from './read-arguments.ts';

const MINUTE_CHARACTERS = 'yyyy-mm-ddThh:mm'.length;

/** Says where the verifiers stand. */
export const VERIFY_GUIDE = 'docs/guides/verify-signatures.md';

/** A time for people: to the minute, in UTC. */
export function showTime(time: Date): string {
  return `${time.toISOString().slice(0, MINUTE_CHARACTERS).replace('T', ' ')} UTC`;
}

/** A new key with its secrets: the only time that they are shown. */
export function renderCreated(
  { id, key, secrets }: { id: number; key: string; secrets: readonly HostSecret[] },
  { role, hostnames, note, expiresAt }: Extract<KeysCall, { kind: 'create' }>,
): KeysAnswer {
  const until = expiresAt === null ? '' : `, until ${showTime(expiresAt)}`;
  const text = [
    `API key ${id}, ${role} for ${showHosts(role, hostnames)}${until}. It is shown this once; send it with every request:`,
    '',
    `  x-api-key: ${key}`,
    ...secrets.flatMap(({ client, secret }) => ['', ...showSecret(client, secret)]),
    '',
  ].join('\n');
  const json = {
    ...{ id, key, role, hostnames, note },
    expires_at: expiresAt?.toISOString() ?? null,
    signing_secrets: secrets,
  };
  return { kind: 'done', text, json };
}

function showSecret(client: string, secret: string | null): string[] {
  if (secret === null)
    return [`${client} has a signing secret already; "keys secrets rotate ${client}" gives it a new one.`];
  return [
    `Signing secret of ${client}, shown this once; the site checks Orca's POSTs with it as ${VERIFY_GUIDE} says:`,
    '',
    `  ${secret}`,
  ];
}

/** All keys, a block of lines for each. */
export function renderKeys(keys: readonly ListedApiKey[]): KeysAnswer {
  const blocks = keys.map((key) => {
    const { id, role, state, note, expiresAt, revokedAt, lastUsedAt } = key;
    const times = [
      `made ${showTime(key.createdAt)}`,
      expiresAt === null ? 'expires never' : `expires ${showTime(expiresAt)}`,
      lastUsedAt === null ? 'never used' : `last used ${showTime(lastUsedAt)}`,
      ...(revokedAt === null ? [] : [`revoked ${showTime(revokedAt)}`]),
    ];
    const lines = [`${id}  ${state}  ${role}  ${showHosts(role, key.hostnames)}`, `   ${times.join(', ')}`];
    return [...lines, ...(note === '' ? [] : [`   ${note}`]), ''].join('\n');
  });
  const text =
    blocks.length === 0
      ? 'There are no keys yet; "keys create --help" says how to make one\n'
      : blocks.join('');
  return { kind: 'done', text, json: { keys: keys.map(keyAsJson) } };
}

function keyAsJson(key: ListedApiKey): object {
  const { id, role, hostnames, note, state } = key;
  return {
    ...{ id, role, hostnames, note, state },
    created_at: key.createdAt.toISOString(),
    expires_at: key.expiresAt?.toISOString() ?? null,
    revoked_at: key.revokedAt?.toISOString() ?? null,
    last_used_at: key.lastUsedAt?.toISOString() ?? null,
  };
}

function showHosts(role: string, hostnames: readonly string[]): string {
  return role === 'admin' ? 'all hosts' : hostnames.join(', ');
}
