import { fieldOf, listOf, numberOf, textOf } from '../json-fields.ts';
import { callOrca, type OrcaCall } from '../orca-api/call-orca.ts';
import type { OrcaAccess } from '../orca-api/choose-access.ts';
import { UserError } from '../user-error.ts';
import type { DeliveriesListOptions, SendAllOptions } from './register.ts';

/** A page of deliveries, as the API gives them: their texts are untrusted. */
export interface DeliveryPage {
  readonly deliveries: readonly unknown[];
  readonly hasMore: boolean;
}

/** What became of an order to send all of a host again. */
export interface SentAll {
  /** Those that can be sent again. */
  readonly matched: number;
  /** Whether that is all there are. */
  readonly isComplete: boolean;
}

/** Whose job it is makes no difference to who may look: the same key sees both. */
const LOOK_NEEDS = 'that names the host they go to';
const SEND_NEEDS = 'of the role staff or admin that names the host they go to';
const never = new AbortController().signal;

/** @throws {UserError} when it cannot be done, or there is no such job */
export async function listDeliveries(
  access: OrcaAccess,
  options: DeliveriesListOptions,
): Promise<DeliveryPage> {
  return options.job === undefined
    ? askForPage(access, options)
    : pageOf(await deliveriesOfJob(access, options.job), options);
}

/** @throws {UserError} when it cannot be done, or there is no such delivery */
export async function getDelivery(access: OrcaAccess, id: number): Promise<unknown> {
  const purpose = `show delivery ${id}`;
  const call = { method: 'GET', path: `/deliveries/${id}`, purpose, keyNeeds: LOOK_NEEDS } as const;
  return (await callOrca(access, call, never)) ?? Promise.reject(noSuchDelivery(purpose));
}

/** @throws {UserError} when it cannot be done, with the reason that Orca gives */
export async function sendAgain(access: OrcaAccess, id: number): Promise<unknown> {
  const purpose = `send delivery ${id} again`;
  const path = `/deliveries/${id}/send_again`;
  const call = { method: 'POST', path, purpose, keyNeeds: SEND_NEEDS } as const;
  return (await callOrca(access, call, never)) ?? Promise.reject(noSuchDelivery(purpose));
}

/** @throws {UserError} when it cannot be done, or the key does not name the host */
export async function sendAllAgain(
  access: OrcaAccess,
  host: string,
  { state, dryRun }: SendAllOptions,
): Promise<SentAll> {
  const purpose = `send the deliveries of "${host}" again`;
  const order = { client: host, ...(state === undefined ? {} : { state }), dry_run: dryRun };
  const call: OrcaCall = {
    method: 'POST',
    path: '/deliveries/send_again',
    body: { json: order },
    purpose,
    keyNeeds: SEND_NEEDS,
  };
  const answer = await callOrca(access, call, never);
  if (answer === null)
    throw new UserError(`Cannot ${purpose}: the key does not name that host. Use one ${SEND_NEEDS}`);
  const matched = numberOf(answer, 'matched');
  if (matched === null) throw noOrca(access);
  return { matched, isComplete: fieldOf(answer, 'is_complete') === true };
}

async function askForPage(
  access: OrcaAccess,
  { state, kind, host, limit, offset }: DeliveriesListOptions,
): Promise<DeliveryPage> {
  const query = new URLSearchParams({ limit: String(limit), offset: String(offset) });
  for (const [name, value] of Object.entries({ state, kind, client: host }))
    if (value !== undefined) query.set(name, value);
  const path = `/deliveries?${query}`;
  const call = { method: 'GET', path, purpose: 'list the deliveries', keyNeeds: LOOK_NEEDS } as const;
  const answer = await callOrca(access, call, never);
  if (!Array.isArray(fieldOf(answer, 'deliveries'))) throw noOrca(access);
  return { deliveries: listOf(answer, 'deliveries'), hasMore: fieldOf(answer, 'next') !== undefined };
}

/** The API tells of them with their job: its results, and the status that is on its way. */
async function deliveriesOfJob(access: OrcaAccess, jobId: number): Promise<readonly unknown[]> {
  const purpose = `list the deliveries of job ${jobId}`;
  const call = { method: 'GET', path: `/jobs/${jobId}`, purpose, keyNeeds: LOOK_NEEDS } as const;
  const job = await callOrca(access, call, never);
  if (job === null)
    throw new UserError(
      `Cannot ${purpose}: no job of this number is known, or the key does not name its host`,
    );
  return listOf(job, 'deliveries');
}

function pageOf(
  all: readonly unknown[],
  { state, kind, host, limit, offset }: DeliveriesListOptions,
): DeliveryPage {
  const wanted = Object.entries({ state, kind, client: host }).filter(([, value]) => value !== undefined);
  const found = all.filter((one) => wanted.every(([name, value]) => textOf(one, name) === value));
  return { deliveries: found.slice(offset, offset + limit), hasMore: found.length > offset + limit };
}

function noSuchDelivery(purpose: string): UserError {
  return new UserError(`Cannot ${purpose}: there is none of this number. "orca deliveries" lists them`);
}

function noOrca({ server }: OrcaAccess): UserError {
  return new UserError(`Cannot use ${server}: what answers there is no Orca of this version`);
}
