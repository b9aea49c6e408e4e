export type { AddressPolicy } from './address-policy.ts';
export type { ResolveHost } from './checked-addresses.ts';
export { endpointOf } from './endpoint-of.ts';
export { FETCH_TIMES, type FetchOutcome, type FileFetch, fetchFile } from './fetch-file.ts';
export { createOutbound, type Outbound } from './outbound.ts';
export { type JsonPost, type PostOutcome, postJson } from './post-json.ts';
export { signWebhook, type Webhook } from './sign-webhook.ts';
export { StoreFileError } from './store-body.ts';
