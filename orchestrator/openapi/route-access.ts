import type { FastifyInstance, RouteOptions } from 'fastify';
import { requireAdmin, requireStaff } from '../require-caller.ts';

/** Who may use a route: everybody, a key of any role, a key of staff or an admin, an admin's, a living worker. */
export type Access = 'public' | 'key' | 'staff' | 'admin' | 'worker';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may use the route; for the document of the API. Set by {@link noteAccess}. */
    access?: Access;
  }
}

/** What the hooks of single routes ask for, beyond what all routes of their scope ask for. */
const ACCESS_OF_HOOKS = new Map<unknown, Access>([
  [requireStaff, 'staff'],
  [requireAdmin, 'admin'],
]);

/**
 * Notes on each route of a scope who may use it, beside the hook that sees to it.
 *
 * @param access what the scope's own hook lets in; a route's hook may let in fewer
 */
export function noteAccess(scope: FastifyInstance, access: Access): void {
  scope.addHook('onRoute', (route: RouteOptions) => {
    const [narrower] = [route.onRequest].flat().flatMap((hook) => ACCESS_OF_HOOKS.get(hook) ?? []);
    route.config = { ...route.config, access: narrower ?? access };
  });
}
