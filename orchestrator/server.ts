import { randomUUID } from 'node:crypto';
import type { Logger } from '@orca/daemon';
import type { Database } from '@orca/database';
import fastify, { type FastifyInstance } from 'fastify';
import { answerBrokenRequest, createFailureHandler } from './answer-failures.ts';
import { ApiFailure } from './api-failure.ts';
import type { Authenticate } from './authenticate.ts';
import { acceptJsonOnly, BODY_BYTES_MAX } from './read-json-body.ts';
import { requireCaller } from './require-caller.ts';
import { registerHealthRoutes } from './routes/health.ts';
import { registerJobStatusRoutes } from './routes/job-status.ts';
import { registerJobRoutes } from './routes/jobs.ts';
import { registerValidationRoutes } from './routes/validation.ts';

/** What the API needs; nothing is read from the environment. */
export type ServerDeps = {
  db: Database;
  authenticate: Authenticate;
  log: Logger;
  /** Whether new requests are turned away because the process is about to end. */
  isDraining: () => boolean;
};

/** Headers have to be here by then, a whole request by then; Node looks for those that are late this often. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const LATE_CHECK_MS = 2_000;
/** Long enough for an answer about an id that is none; longer paths are no route. */
const PARAMETER_CHARACTERS_MAX = 1_024;
/** A client should be back by then at another process. */
const DRAINING_RETRY_SECONDS = 5;

const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const;

/**
 * Makes the API server; it does not listen yet.
 *
 * @see docs/reference/errors.md for every error that it answers
 */
export function createServer(deps: ServerDeps): FastifyInstance {
  const server = fastify({
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: { headersTimeout: HEADERS_TIMEOUT_MS, connectionsCheckingInterval: LATE_CHECK_MS },
    genReqId: () => randomUUID(),
    return503OnClosing: false, // ours is in the contract's form
    routerOptions: { maxParamLength: PARAMETER_CHARACTERS_MAX },
    frameworkErrors: (error, request, reply) => void answerFailure(error, request, reply),
    clientErrorHandler: (error, socket) => answerBrokenRequest(error, socket, randomUUID()),
  });
  const answerFailure = createFailureHandler(deps.log);
  server.setErrorHandler(answerFailure);
  server.setNotFoundHandler(() => {
    throw new ApiFailure('not_found', ['There is no such route']);
  });
  server.decorateRequest('caller', null);
  server.addHook('onRequest', async (request, reply) => {
    reply.headers({ ...SECURITY_HEADERS, 'x-request-id': request.id });
    if (deps.isDraining())
      throw new ApiFailure('draining', [], { retryAfterSeconds: DRAINING_RETRY_SECONDS });
  });
  acceptJsonOnly(server);
  registerHealthRoutes(server, deps);
  server.register(async (api) => registerJobStatusRoutes(api, deps), { prefix: '/api/v1' });
  server.register(async (api) => registerKeyedRoutes(api, deps), { prefix: '/api/v1' });
  return server;
}

/** The routes that need a key: whoever has none gets 401 before a body is read. */
function registerKeyedRoutes(api: FastifyInstance, deps: ServerDeps): void {
  api.addHook('onRequest', requireCaller(deps.authenticate));
  registerJobRoutes(api, deps);
  registerValidationRoutes(api);
}
