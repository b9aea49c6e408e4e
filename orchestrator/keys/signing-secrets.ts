import {
  type Database,
  listSigningSecrets,
  noteAudit,
  type Queries,
  rotateSigningSecret,
} from '@orca/database';
import type { KeysAnswer } from './answer.ts';
import { byOperator } from './by-operator.ts';
import type { KeysCall } from './read-arguments.ts';
import { showTime, VERIFY_GUIDE } from './render-keys.ts';

/** Lists what POSTs are signed with, without the secrets themselves. */
export async function listSecrets({ db }: { db: Database }): Promise<KeysAnswer> {
  const secrets = await listSigningSecrets(db);
  const lines = secrets.map(({ id, client, createdAt, expiresAt }) => {
    const role = expiresAt === null ? 'current' : `signs beside it until ${showTime(expiresAt)}`;
    return `${client}  secret ${id}, made ${showTime(createdAt)}, ${role}`;
  });
  return {
    kind: 'done',
    text: lines.length === 0 ? 'No host has a signing secret yet\n' : `${lines.join('\n')}\n`,
    json: {
      secrets: secrets.map(({ id, client, createdAt, expiresAt }) => ({
        ...{ id, client },
        created_at: createdAt.toISOString(),
        signs_until: expiresAt?.toISOString() ?? null,
      })),
    },
  };
}

/** Gives a host a new secret: the only time that it is shown. */
export async function rotateSecret(
  { client, overlapSeconds }: Extract<KeysCall, { kind: 'rotate_secret' }>,
  { db }: { db: Database },
): Promise<KeysAnswer> {
  const entry = byOperator('rotate_secret', `client ${client}`, `the former sign for ${overlapSeconds} s`);
  const note = (tx: Queries): Promise<void> => noteAudit(tx, entry);
  const { secret, formerUntil } = await rotateSigningSecret(db, client, overlapSeconds, note);
  const latest = formerUntil.toSorted((a, b) => a.getTime() - b.getTime()).at(-1);
  const former =
    latest === undefined
      ? 'POSTs are signed with this secret alone, from the next one on.'
      : `POSTs are signed with the former secret, too, until ${showTime(latest)}.`;
  const text = [
    `New signing secret of ${client}, shown this once; the site checks Orca's POSTs with it as ${VERIFY_GUIDE} says:`,
    ...['', `  ${secret}`, '', former, ''],
  ].join('\n');
  const json = { client, secret, former_until: formerUntil.map((time) => time.toISOString()) };
  return { kind: 'done', text, json };
}
