import { type Database, type ListedAuditEntry, listAuditTrail } from '@orca/database';
import { AuditTrailSchema } from '@orca/protocol';
import type { FastifyInstance, FastifySchema } from 'fastify';
import Type from 'typebox';
import { queryText, refuseOtherParameters } from '../read-parameters.ts';
import { requireAdmin } from '../require-caller.ts';
import { PAGE_QUERY } from './parameter-schemas.ts';
import { cutPage, readPage } from './read-page.ts';

const FILTER_BYTES_MAX = 256;
const PARAMETERS = ['actor', 'action', 'target', 'limit', 'offset'] as const;

/** `GET /audit_trail`: who did what, for admins. */
export function registerAuditTrail(server: FastifyInstance, { db }: { db: Database }): void {
  const schema = {
    tags: ['audit trail'],
    summary: 'Who did what, the newest first; actor, action and target filter by the exact text',
    querystring: Type.Object({
      actor: Type.Optional(Type.String()),
      action: Type.Optional(Type.String()),
      target: Type.Optional(Type.String()),
      ...PAGE_QUERY,
    }),
    response: { 200: AuditTrailSchema },
    errors: ['invalid_request'],
  } as const satisfies FastifySchema;
  server.get('/audit_trail', { onRequest: requireAdmin, schema }, async ({ query }) => {
    refuseOtherParameters(query, PARAMETERS);
    const page = readPage(query);
    const filter = {
      actor: queryText(query, 'actor', FILTER_BYTES_MAX),
      action: queryText(query, 'action', FILTER_BYTES_MAX),
      target: queryText(query, 'target', FILTER_BYTES_MAX),
    };
    const found = await listAuditTrail(db, filter, { ...page, limit: page.limit + 1 });
    const { items, links } = cutPage(found, page);
    return { entries: items.map(shownEntry), ...links };
  });
}

function shownEntry(entry: ListedAuditEntry) {
  return {
    id: entry.id,
    at: entry.at,
    actor: entry.actor,
    key_id: entry.keyId,
    role: entry.role,
    action: entry.action,
    target: entry.target,
    request_id: entry.requestId,
    outcome: entry.outcome,
  };
}
