import type { Logger } from '@orca/daemon';
import {
  countDeliveriesToSendAgain,
  type Database,
  findDelivery,
  noteAudit,
  notifyDeliveries,
  SENT_AGAIN_MAX,
  type SentAgain,
  sendDeliveriesAgain,
  sendDeliveryAgain,
} from '@orca/database';
import {
  AllSentAgainAnswerSchema,
  parseSendAgainOrder,
  SendAgainOrderSchema,
  SentAgainAnswerSchema,
} from '@orca/protocol';
import type { FastifyInstance, FastifyRequest, FastifySchema } from 'fastify';
import { ApiFailure } from '../api-failure.ts';
import { audited } from '../audited.ts';
import { mayActFor } from '../authenticate.ts';
import { parameterOf, wholeNumberOf } from '../read-parameters.ts';
import { callerOf, requireStaff } from '../require-caller.ts';
import { noSuchDelivery } from './browse-deliveries.ts';
import { DeliveryParamsSchema } from './parameter-schemas.ts';

/** What sending again needs. */
export type SendAgainDeps = { db: Database; log: Logger };

const ACTION = 'send_again';

/** `POST /deliveries/:id/send_again`, and `POST /deliveries/send_again` for all of a host that were not taken. */
export function registerSendAgain(server: FastifyInstance, deps: SendAgainDeps): void {
  const tags = ['deliveries'] as const;
  const oneSchema = {
    tags,
    summary: 'Sends one delivery again: at once, with the same webhook-id and body, tries counted anew',
    params: DeliveryParamsSchema,
    response: { 200: SentAgainAnswerSchema },
    errors: ['invalid_request', 'not_found', 'conflict'],
  } as const satisfies FastifySchema;
  server.post('/deliveries/:id/send_again', { onRequest: requireStaff, schema: oneSchema }, (request) =>
    sendOne(request, deps),
  );
  const allSchema = {
    tags,
    summary: 'Sends all deliveries of a host again that it refused, or that were given up; or counts them',
    body: SendAgainOrderSchema,
    response: { 200: AllSentAgainAnswerSchema },
    errors: ['invalid_request', 'not_found'],
  } as const satisfies FastifySchema;
  server.post('/deliveries/send_again', { onRequest: requireStaff, schema: allSchema }, (request) =>
    sendAll(request, deps),
  );
}

/** @throws {ApiFailure} `not_found`, `conflict` when it cannot be sent again */
async function sendOne(request: FastifyRequest, deps: SendAgainDeps): Promise<{ message: 'OK' }> {
  const deliveryId = wholeNumberOf('id', parameterOf(request.params, 'id'));
  // A host does not change: what may be seen is asked before anything is locked.
  const known = await findDelivery(deps.db, deliveryId);
  if (known === null || !mayActFor(callerOf(request), known.client)) throw noSuchDelivery(deliveryId);
  const sent = await deps.db.transaction(async (tx) => {
    const became = await sendDeliveryAgain(tx, deliveryId);
    if (became.kind === 'sent_again') await noteAudit(tx, audited(request, ACTION, `delivery ${deliveryId}`));
    return became;
  });
  const refusal = refusalOf(sent.kind);
  if (refusal !== null)
    throw new ApiFailure('conflict', [`Cannot send delivery ${deliveryId} again: ${refusal}`]);
  deps.log.info({ deliveryId, client: known.client, requestId: request.id }, 'delivery is sent again');
  await wakeServers(deps);
  return { message: 'OK' };
}

function refusalOf(kind: SentAgain['kind']): string | null {
  switch (kind) {
    case 'sent_again':
      return null;
    case 'under_way':
      return 'a server is POSTing it at this moment; look at it again in a minute';
    case 'is_status':
      return 'it is a status, which says where the job was then; GET its job instead';
    case 'dropped':
      return 'it was dropped, because a newer delivery of its job took its place; send that one';
    case 'superseded':
      return 'its job has newer content, or its image a newer outcome, and the client would take this for the newer; GET /api/v1/jobs/:jobID/result?generation= still shows a result';
    case 'unknown':
      return 'it is not known any more';
    default:
      return kind satisfies never;
  }
}

/** @throws {ApiFailure} `missing_body`, `invalid_request`, `not_found` (the key does not name the host) */
async function sendAll(request: FastifyRequest, deps: SendAgainDeps) {
  if (request.body === undefined) throw new ApiFailure('missing_body');
  const parsed = parseSendAgainOrder(request.body);
  if (parsed.kind === 'invalid') throw new ApiFailure('invalid_request', parsed.errors);
  const { client, state, dry_run = false } = parsed.order;
  if (!mayActFor(callerOf(request), client))
    throw new ApiFailure('not_found', ['client: is no host that the key names']);
  const states = state === undefined ? (['refused', 'given_up'] as const) : [state];
  if (dry_run) {
    const matched = await countDeliveriesToSendAgain(deps.db, { client, states });
    return { message: 'OK', matched, sent_again: 0, is_complete: matched < SENT_AGAIN_MAX };
  }
  const sentAgain = await deps.db.transaction(async (tx) => {
    const count = await sendDeliveriesAgain(tx, { client, states });
    const outcome = `sent again: ${count} (${states.join(', ')})`;
    await noteAudit(tx, audited(request, ACTION, `client ${client}`, outcome));
    return count;
  });
  deps.log.info({ client, sentAgain, requestId: request.id }, 'deliveries of a host are sent again');
  await wakeServers(deps);
  return {
    message: 'OK',
    matched: sentAgain,
    sent_again: sentAgain,
    is_complete: sentAgain < SENT_AGAIN_MAX,
  };
}

/** A notification that is lost costs a poll's time, nothing else. */
async function wakeServers({ db, log }: SendAgainDeps): Promise<void> {
  await notifyDeliveries(db).catch((err: unknown) =>
    log.warn({ err }, 'cannot wake the servers for deliveries, they will find them'),
  );
}
