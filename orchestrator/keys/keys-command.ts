import { loadEnvironment, parseSettings } from '@orca/daemon';
import {
  connectDatabase,
  type Database,
  findSchemaTrouble,
  listApiKeys,
  noteAudit,
  parsePostgresUrl,
  revokeApiKey,
} from '@orca/database';
import { migrateSettings } from '../server-settings.ts';
import type { KeysAnswer } from './answer.ts';
import { byOperator } from './by-operator.ts';
import { createKey } from './create-key.ts';
import { importOldKeys } from './import-old-keys.ts';
import { type KeysCall, readArguments } from './read-arguments.ts';
import { renderKeys, showTime } from './render-keys.ts';
import { listSecrets, rotateSecret } from './signing-secrets.ts';
import { KEYS_USAGE } from './usage.ts';

const DONE_STATUS = 0;
const REFUSED_STATUS = 1;
const USAGE_STATUS = 2;

/**
 * `main.ts keys …`: API keys and signing secrets for operators. What was asked for goes to standard output, complaints
 * to standard error.
 *
 * @returns the process's exit status: 0 done, 1 refused or no database, 2 a wrong command line
 */
export async function runKeys(args: readonly string[]): Promise<number> {
  const read = readArguments(args, new Date());
  switch (read.kind) {
    case 'help':
      process.stdout.write(KEYS_USAGE[read.topic]);
      return DONE_STATUS;
    case 'wrong': {
      const command = read.topic === 'keys' ? 'keys' : `keys ${read.topic}`;
      process.stderr.write(`${[...read.problems, `"${command} --help" shows examples`].join('\n')}\n`);
      return USAGE_STATUS;
    }
    case 'call':
      return runCall(read.call);
    default:
      return read satisfies never;
  }
}

async function runCall(call: KeysCall): Promise<number> {
  const parsed = parseSettings(migrateSettings, loadEnvironment());
  if (parsed.kind === 'invalid') return complain(parsed.problems.join('\n'));
  try {
    const { url, schema } = parsePostgresUrl(parsed.values.POSTGRES_URL);
    await using db = await connectDatabase({ url, applicationName: 'orca-keys' });
    const answer = (await refuseSchema(db)) ?? (await perform(call, { db, schema }));
    if (answer.kind === 'refused') return complain(answer.sentence);
    process.stdout.write(call.json ? `${JSON.stringify(answer.json, null, 2)}\n` : answer.text);
    return DONE_STATUS;
  } catch (error) {
    return complain(explain(error));
  }
}

async function perform(call: KeysCall, deps: { db: Database; schema: string }): Promise<KeysAnswer> {
  switch (call.kind) {
    case 'create':
      return createKey(call, deps);
    case 'list':
      return renderKeys(await listApiKeys(deps.db));
    case 'revoke':
      return revoke(call.id, deps.db);
    case 'import':
      return importOldKeys(call, deps);
    case 'list_secrets':
      return listSecrets(deps);
    case 'rotate_secret':
      return rotateSecret(call, deps);
    default:
      return call satisfies never;
  }
}

async function revoke(id: number, db: Database): Promise<KeysAnswer> {
  const revoked = await db.transaction(async (tx) => {
    const became = await revokeApiKey(tx, id);
    if (became.kind === 'revoked') await noteAudit(tx, byOperator('revoke_key', `key ${id}`));
    return became;
  });
  switch (revoked.kind) {
    case 'revoked':
      return {
        kind: 'done',
        text: `Key ${id} is revoked; servers refuse it within 5 s\n`,
        json: { id, was_revoked_at: null },
      };
    case 'was_revoked':
      return {
        kind: 'done',
        text: `Key ${id} is revoked since ${showTime(revoked.at)}\n`,
        json: { id, was_revoked_at: revoked.at.toISOString() },
      };
    case 'unknown':
      return { kind: 'refused', sentence: `Cannot revoke key ${id}: there is none; "keys list" shows all` };
    default:
      return revoked satisfies never;
  }
}

/** Keys stand in Orca's own tables, which this command does not make. */
async function refuseSchema(db: Database): Promise<KeysAnswer | null> {
  const sentence = await findSchemaTrouble(db);
  return sentence === null ? null : { kind: 'refused', sentence };
}

function complain(sentence: string): number {
  process.stderr.write(`${sentence}\n`);
  return REFUSED_STATUS;
}

/** The error's sentence, and what the system or the driver said, such as ECONNREFUSED. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return `${error.message} (${'code' in cause ? String(cause.code) : cause.message})`;
}
