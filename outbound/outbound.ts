import { type AddressPolicy, type ReadPolicy, readPolicy } from './address-policy.ts';
import { createSystemResolver, type ResolveHost } from './checked-addresses.ts';

/** What every guarded request needs. It holds no connection, so there is nothing to close. */
export type Outbound = { policy: ReadPolicy; userAgent: string; resolve: ResolveHost };

/**
 * Reads a policy and makes what {@link fetchFile} and {@link postJson} go through.
 *
 * @param options.resolve finds a host's addresses; by default the system does
 * @throws {TypeError} naming the first entry of the policy that cannot be read
 */
export function createOutbound(options: {
  policy: AddressPolicy;
  userAgent: string;
  resolve?: ResolveHost;
}): Outbound {
  return {
    policy: readPolicy(options.policy),
    userAgent: options.userAgent,
    resolve: options.resolve ?? createSystemResolver(),
  };
}
