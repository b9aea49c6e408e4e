import type { SettingValues } from '@orca/daemon';
import { type AddressPolicy, endpointOf } from '@orca/outbound';
import type { serverSettings } from './server-settings.ts';

const POSTGRES_PORT = 5432;
const DOCKER_PORT = 2375;

/** Clients are never sent to our own database or engines, whatever name they give them. */
export function outboundPolicy(
  settings: SettingValues<typeof serverSettings> & { readonly ENVIRONMENT: string },
): AddressPolicy {
  const engines = [settings.DOCKER_HOST, settings.ORCA_BUILD_DOCKER_HOST];
  return {
    production: settings.ENVIRONMENT === 'production',
    allow: settings.ORCA_ALLOW_ADDRESSES,
    refusePrivate: settings.ORCA_REFUSE_PRIVATE,
    alwaysRefuse: [
      ...endpointOf(settings.POSTGRES_URL, POSTGRES_PORT),
      ...engines.flatMap((url) => endpointOf(url ?? '', DOCKER_PORT)),
      ...settings.ORCA_OWN_ADDRESSES,
    ],
  };
}
