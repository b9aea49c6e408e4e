import type { AuditEntry } from '@orca/database';

/** What a command did, for the audit trail. Who ran it the machine knows: whoever can has the database's password. */
export function byOperator(action: string, target: string, outcome = 'done'): AuditEntry {
  return { actor: 'command line', keyId: null, role: 'operator', requestId: null, action, target, outcome };
}
