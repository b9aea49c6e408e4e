import type { Logger } from '@orca/daemon';
import type { FastifyInstance } from 'fastify';

/**
 * Logs one line for each request that was answered. The route is the pattern, so that no id, query or key is in it; a key is
 * named by its number.
 */
export function logRequests(server: FastifyInstance, log: Logger): void {
  server.addHook('onResponse', async (request, reply) => {
    log.info(
      {
        method: request.method,
        route: request.is404 ? null : request.routeOptions.url,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        requestId: request.id,
        caller: request.caller?.name ?? null,
      },
      'request answered',
    );
  });
}
