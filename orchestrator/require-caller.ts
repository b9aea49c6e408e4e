import type { FastifyRequest } from 'fastify';
import { ApiFailure } from './api-failure.ts';
import type { Authenticate, Caller } from './authenticate.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on routes that need a key. */
    caller: Caller | null;
  }
}

/**
 * Makes the hook that lets only callers with a key in, before the body is read.
 *
 * @returns an `onRequest` hook; it throws {@link ApiFailure} `unauthorized`, always the same, or `overloaded`
 */
export function requireCaller(authenticate: Authenticate) {
  return async (request: FastifyRequest): Promise<void> => {
    const key = request.headers['x-api-key'];
    // Two headers come joined by a comma, which is no key.
    const found = await authenticate(typeof key === 'string' ? key : '', request.socket.remoteAddress ?? '');
    switch (found.kind) {
      case 'caller':
        request.caller = found.caller;
        return;
      case 'unauthorized':
        throw new ApiFailure('unauthorized');
      case 'too_many':
        throw new ApiFailure('overloaded', [], { retryAfterSeconds: found.retryAfterSeconds });
      default:
        return found satisfies never;
    }
  };
}

/** The caller of a request on a route that needs a key. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === null)
    throw new Error(`Cannot answer "${request.url}": the route does not ask for a key`);
  return request.caller;
}
