import type { AuditEntry } from '@orca/database';
import type { FastifyRequest } from 'fastify';
import { callerOf } from './require-caller.ts';

/**
 * What a request did, for the audit trail: `await noteAudit(tx, audited(request, 'cancel', 'job 17'))`.
 *
 * @param action a verb in lower case, such as `send_again`
 * @param target such as `job 17` or `client course.example.edu`; no secret, no URL
 * @param outcome what came of it, in words
 */
export function audited(
  request: FastifyRequest,
  action: string,
  target: string,
  outcome = 'done',
): AuditEntry {
  const { name, keyId, role } = callerOf(request);
  return { actor: name, keyId, role, requestId: request.id, action, target, outcome };
}
