import { type Database, findDelivery, listAttempts, listDeliveries } from '@orca/database';
import { DeliveryListSchema, DeliveryWithTriesSchema } from '@orca/protocol';
import type { FastifyInstance, FastifySchema } from 'fastify';
import Type from 'typebox';
import { ApiFailure } from '../api-failure.ts';
import { type Caller, clientsOf, mayActFor } from '../authenticate.ts';
import { parameterOf, queryText, refuseOtherParameters, wholeNumberOf } from '../read-parameters.ts';
import { callerOf } from '../require-caller.ts';
import { DeliveryParamsSchema, optionalWord, PAGE_QUERY } from './parameter-schemas.ts';
import { cutPage, queryWord, readPage } from './read-page.ts';
import { shownDelivery, shownTry } from './shown-delivery.ts';

const STATES = ['pending', 'delivered', 'refused', 'given_up', 'dropped'] as const;
const KINDS = ['result', 'image', 'status'] as const;
/** Statuses are best effort, and three for each result. */
const KINDS_SHOWN_OTHERWISE = ['result', 'image'] as const;
const PARAMETERS = ['state', 'client', 'kind', 'limit', 'offset'] as const;
const HOSTNAME_BYTES_MAX = 253;

/** `GET /deliveries` and `GET /deliveries/:id`: what the hosts of a key are and were owed, and how it went. */
export function registerBrowseDeliveries(server: FastifyInstance, { db }: { db: Database }): void {
  const tags = ['deliveries'] as const;
  const listSchema = {
    tags,
    summary: 'What clients are owed: results and outcomes of images, with kind=status the status updates',
    querystring: Type.Object({
      state: optionalWord(STATES, 'Otherwise all.'),
      kind: optionalWord(KINDS, 'Otherwise results and outcomes of images.'),
      client: Type.Optional(Type.String({ description: 'A hostname.' })),
      ...PAGE_QUERY,
    }),
    response: { 200: DeliveryListSchema },
    errors: ['invalid_request'],
  } as const satisfies FastifySchema;
  server.get('/deliveries', { schema: listSchema }, (request) =>
    showList(request.query, callerOf(request), db),
  );
  const oneSchema = {
    tags,
    summary: 'One delivery with its tries',
    params: DeliveryParamsSchema,
    response: { 200: DeliveryWithTriesSchema },
    errors: ['invalid_request', 'not_found'],
  } as const satisfies FastifySchema;
  server.get('/deliveries/:id', { schema: oneSchema }, (request) =>
    showDelivery(wholeNumberOf('id', parameterOf(request.params, 'id')), callerOf(request), db),
  );
}

async function showList(query: unknown, caller: Caller, db: Database) {
  refuseOtherParameters(query, PARAMETERS);
  const page = readPage(query);
  const state = queryWord(query, 'state', STATES);
  const kind = queryWord(query, 'kind', KINDS);
  const client = queryText(query, 'client', HOSTNAME_BYTES_MAX);
  const filter = {
    clients: client === null ? clientsOf(caller) : [client].filter((one) => mayActFor(caller, one)),
    states: state === null ? STATES : [state],
    kinds: kind === null ? KINDS_SHOWN_OTHERWISE : [kind],
  };
  const found = await listDeliveries(db, filter, { ...page, limit: page.limit + 1 });
  const { items, links } = cutPage(found, page);
  return { deliveries: items.map(shownDelivery), ...links };
}

/** @throws {ApiFailure} `not_found` when there is none, or it goes to a host that the key does not name */
async function showDelivery(deliveryId: number, caller: Caller, db: Database) {
  const delivery = await findDelivery(db, deliveryId);
  if (delivery === null || !mayActFor(caller, delivery.client)) throw noSuchDelivery(deliveryId);
  const tries = await listAttempts(db, deliveryId);
  return { ...shownDelivery(delivery), tries: tries.map(shownTry) };
}

/** The same for one that is not there and for one that the key may not see. */
export function noSuchDelivery(deliveryId: number): ApiFailure {
  return new ApiFailure('not_found', [
    `No delivery ${deliveryId} is known; GET /api/v1/deliveries lists them`,
  ]);
}
