import { createHash, timingSafeEqual } from 'node:crypto';
import { type Database, findWorkerToken } from '@orca/database';
import type { FastifyRequest } from 'fastify';
import { ApiFailure } from './api-failure.ts';
import { createRateLimiter } from './limit-rate.ts';

/** What a worker sends: its id, and the token that it made at its start, in hexadecimal digits. */
const CREDENTIALS =
  /^Bearer ([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.((?:[0-9a-f]{2}){16,64})$/i;
/** Wrong tokens from one address; right ones are not held up by them. */
const FAILURE_RATE = { perSecond: 10, burst: 200 } as const;
/** Compared with when there is no such worker: no token hashes to it. */
const NOBODY = Buffer.alloc(32);

/**
 * Makes the hook that lets only living workers in. A token is known by the SHA-256 of its bytes; one that is missing,
 * wrong, or of a worker that is dead or not known gets the same answer.
 *
 * @returns an `onRequest` hook; it throws {@link ApiFailure} `unauthorized`, always the same, or `overloaded`
 */
export function requireWorker({ db }: { db: Database }) {
  const takeForFailure = createRateLimiter(FAILURE_RATE);
  return async (request: FastifyRequest): Promise<void> => {
    const [, workerId, token] = CREDENTIALS.exec(request.headers.authorization ?? '') ?? [];
    if (workerId !== undefined && token !== undefined && (await isTokenOf(db, workerId, token))) return;
    const retryAfterSeconds = takeForFailure(request.socket.remoteAddress ?? '');
    if (retryAfterSeconds !== null) throw new ApiFailure('overloaded', [], { retryAfterSeconds });
    throw new ApiFailure('unauthorized', ['Only a living worker may have this, with its own token']);
  };
}

async function isTokenOf(db: Database, workerId: string, token: string): Promise<boolean> {
  const expected = await findWorkerToken(db, workerId.toLowerCase());
  const actual = createHash('sha256').update(Buffer.from(token, 'hex')).digest();
  return timingSafeEqual(actual, expected ?? NOBODY) && expected !== null;
}
