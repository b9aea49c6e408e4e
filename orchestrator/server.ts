import { randomUUID } from 'node:crypto';
import type { Logger } from '@orca/daemon';
import type { Database } from '@orca/database';
import fastify, { type FastifyInstance } from 'fastify';
import { answerBrokenRequest, createFailureHandler } from './answer-failures.ts';
import { ApiFailure } from './api-failure.ts';
import type { Authenticate } from './authenticate.ts';
import { logRequests } from './log-requests.ts';
import { registerOpenapi } from './openapi/register-openapi.ts';
import { noteAccess } from './openapi/route-access.ts';
import { acceptJsonOnly, BODY_BYTES_MAX } from './read-json-body.ts';
import { requireCaller } from './require-caller.ts';
import { registerAuditTrail } from './routes/audit-trail.ts';
import { registerBrowseDeliveries } from './routes/browse-deliveries.ts';
import { registerBatchRoute } from './routes/batch-jobs.ts';
import { registerBrowseImages } from './routes/browse-images.ts';
import { registerBrowseQueue } from './routes/browse-queue.ts';
import { registerBrowseWorkers } from './routes/browse-workers.ts';
import { registerBulk } from './routes/bulk.ts';
import { registerHealthRoutes } from './routes/health.ts';
import { registerImageDownload } from './routes/image-download.ts';
import { registerImageRequests } from './routes/image-requests.ts';
import { registerImageStatusRoute } from './routes/image-status.ts';
import { registerJobDetails } from './routes/job-details.ts';
import { registerJobEvents } from './routes/job-events.ts';
import { registerJobStatusRoutes } from './routes/job-status.ts';
import { registerJobRoutes } from './routes/jobs.ts';
import { registerSendAgain } from './routes/send-again.ts';
import { registerSteering } from './routes/steer-jobs.ts';
import { registerValidationRoutes } from './routes/validation.ts';
import type { ServerMetrics } from './server-metrics.ts';

/** What the API needs; nothing is read from the environment. */
export type ServerDeps = {
  db: Database;
  authenticate: Authenticate;
  log: Logger;
  /** Where saved images lie; `ORCA_IMAGE_FOLDER`. */
  imageFolder: string;
  /** A download of an image that has not moved for so long is given up, in milliseconds; has a default. */
  downloadStallMs?: number;
  /** Whether Dockerfiles may `ADD` from other machines; `ORCA_BUILD_ALLOW_ADD`. */
  allowRemoteAdd: boolean;
  /** Counts every answer; has a default that counts nothing. */
  metrics?: Pick<ServerMetrics, 'watch'>;
  /** Connections at once, idle ones too; more are closed unanswered. `ORCA_CONNECTIONS_MAX`; has a default. */
  connectionsMax?: number;
  /** Whether new requests are turned away because the process is about to end. */
  isDraining: () => boolean;
};

/** Headers have to be here by then, a whole request by then; Node looks for those that are late this often. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const LATE_CHECK_MS = 2_000;
/** All headers and the path of one request: Node's own limit, written down. */
const HEADERS_BYTES_MAX = 16 * 1024;
/** More than a client's threads and browsers together; each costs a file descriptor. */
const CONNECTIONS_MAX = 2_000;
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
    http: {
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: LATE_CHECK_MS,
      maxHeaderSize: HEADERS_BYTES_MAX,
    },
    genReqId: () => randomUUID(),
    return503OnClosing: false, // ours is in the contract's form
    routerOptions: { maxParamLength: PARAMETER_CHARACTERS_MAX },
    frameworkErrors: (error, request, reply) => void answerFailure(error, request, reply),
    clientErrorHandler: (error, socket) => answerBrokenRequest(error, socket, randomUUID()),
  });
  const answerFailure = createFailureHandler(deps.log);
  server.server.maxConnections = deps.connectionsMax ?? CONNECTIONS_MAX;
  server.setErrorHandler(answerFailure);
  server.setNotFoundHandler(() => {
    throw new ApiFailure('not_found', ['There is no such route']);
  });
  server.decorateRequest('caller', null);
  server.decorateRequest('takeMore', null);
  logRequests(server, deps.log);
  server.addHook('onRequest', async (request, reply) => {
    reply.headers({ ...SECURITY_HEADERS, 'x-request-id': request.id });
    if (request.routeOptions.config.isForAnyOrigin === true) reply.header('access-control-allow-origin', '*');
    if (deps.isDraining())
      throw new ApiFailure('draining', [], { retryAfterSeconds: DRAINING_RETRY_SECONDS });
  });
  deps.metrics?.watch(server);
  acceptJsonOnly(server);
  registerOpenapi(server); // first: it sees only what comes after it
  server.register(async (api) => registerHealthRoutes(api, deps));
  server.register(async (api) => registerPublicRoutes(api, deps), { prefix: '/api/v1' });
  server.register(async (api) => registerImageDownload(api, deps));
  server.register(async (api) => registerKeyedRoutes(api, deps), { prefix: '/api/v1' });
  return server;
}

/** The routes that browsers ask from the client's own pages. */
function registerPublicRoutes(api: FastifyInstance, deps: ServerDeps): void {
  registerJobStatusRoutes(api, deps);
  registerImageStatusRoute(api, deps);
}

/** The routes that need a key: whoever has none gets 401 before a body is read. */
function registerKeyedRoutes(api: FastifyInstance, deps: ServerDeps): void {
  api.addHook('onRequest', requireCaller(deps.authenticate));
  noteAccess(api, 'key');
  registerJobRoutes(api, deps);
  registerBrowseQueue(api, deps);
  registerBatchRoute(api, deps);
  registerBulk(api, deps);
  registerSteering(api, deps);
  registerImageRequests(api, deps);
  registerBrowseImages(api, deps);
  registerValidationRoutes(api);
  registerJobDetails(api, deps);
  registerJobEvents(api, deps);
  registerBrowseDeliveries(api, deps);
  registerSendAgain(api, deps);
  registerBrowseWorkers(api, deps);
  registerAuditTrail(api, deps);
}
