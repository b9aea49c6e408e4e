import type { FastifyRequest } from 'fastify';
import { ApiFailure } from './api-failure.ts';
import type { Authenticate, Caller } from './authenticate.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on routes that need a key. */
    caller: Caller | null;
    /** Set with it: counts more requests than one for the key, as a batch is. */
    takeMore: ((requests: number) => number | null) | null;
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
        request.takeMore = found.takeMore;
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

/**
 * Counts a request as several: the rate of its key is for what is asked for, however it is packed.
 *
 * @param requests all of them, 0 included
 * @throws {ApiFailure} `overloaded` when there are too many: none of them may be done
 */
export function countAs(requests: number, { takeMore }: FastifyRequest): void {
  // One was counted at the door.
  const retryAfterSeconds = requests > 1 ? (takeMore?.(requests - 1) ?? null) : null;
  if (retryAfterSeconds !== null) throw new ApiFailure('overloaded', [], { retryAfterSeconds });
}

/**
 * Lets only staff and admins in; for routes that ask for a key already.
 *
 * @throws {ApiFailure} `forbidden`: the key is right, its role is not
 */
export async function requireStaff(request: FastifyRequest): Promise<void> {
  if (callerOf(request).role === 'client') throw new ApiFailure('forbidden');
}

/**
 * Lets only admins in; for routes that ask for a key already.
 *
 * @throws {ApiFailure} `forbidden`: the key is right, its role is not
 */
export async function requireAdmin(request: FastifyRequest): Promise<void> {
  if (callerOf(request).role !== 'admin') throw new ApiFailure('forbidden');
}
