import { createHash } from 'node:crypto';
import type { Logger } from '@orca/daemon';
import {
  type Database,
  findUsableImage,
  type ImageRequest,
  noteAudit,
  notifyImages,
  requestImage,
} from '@orca/database';
import {
  clientOf,
  type ImageAnswer,
  ImageAnswerSchema,
  ImageBuildRequestSchema,
  type ImageOrderAnswer,
  ImageOrderAnswerSchema,
  ImageOrderSchema,
  parseImageBuildRequest,
  parseImageOrder,
} from '@orca/protocol';
import type { FastifyInstance, FastifyRequest, FastifySchema } from 'fastify';
import { ApiFailure } from '../api-failure.ts';
import { audited } from '../audited.ts';
import { type Caller, mayActFor } from '../authenticate.ts';
import { callerOf, requireStaff } from '../require-caller.ts';

/** What asking for images needs. */
export type ImageRequestsDeps = {
  db: Database;
  log: Logger;
  /** Whether Dockerfiles may `ADD` from other machines. */
  allowRemoteAdd: boolean;
};

type Asked = { body: unknown; caller: Caller };
type State = Awaited<ReturnType<typeof requestImage>>;

const REQUEST_SCHEMA = {
  tags: ['images'],
  summary: 'Asks for a grader image, and to be told how its build ends',
  description: 'The outcome is POSTed to `response_url`. The same request once more has no effect twice.',
  body: ImageBuildRequestSchema,
  response: { 200: ImageAnswerSchema },
  errors: ['invalid_image'],
} as const satisfies FastifySchema;
const ORDER_SCHEMA = {
  tags: ['images'],
  summary: 'Builds a grader image; nobody is POSTed about it',
  body: ImageOrderSchema,
  response: { 200: ImageOrderAnswerSchema },
  errors: ['invalid_image'],
} as const satisfies FastifySchema;

const IS_THERE = 'The grader image is there already.';

/** `POST /grader_images`, which POSTs the outcome to the client; and `POST /grader_images/builds`, which tells nobody. */
export function registerImageRequests(server: FastifyInstance, deps: ImageRequestsDeps): void {
  server.post('/grader_images', { schema: REQUEST_SCHEMA }, (request) =>
    postImage({ body: request.body, caller: callerOf(request) }, deps),
  );
  server.post('/grader_images/builds', { onRequest: requireStaff, schema: ORDER_SCHEMA }, (request) =>
    postBuild(request, deps),
  );
}

/**
 * @throws {ApiFailure} `missing_body`, `invalid_image`, `unauthorized` (the key does not name the host)
 * @throws {DatabaseError} `outcome_unknown` when it may have been stored: repeating the request is harmless
 */
async function postImage({ body, caller }: Asked, deps: ImageRequestsDeps): Promise<ImageAnswer> {
  if (body === undefined) throw new ApiFailure('missing_body');
  const parsed = parseImageBuildRequest(body, { sha256Of, allowRemoteAdd: deps.allowRemoteAdd });
  const errors = parsed.kind === 'invalid' ? parsed.errors : [];
  if (parsed.request === undefined) throw new ApiFailure('invalid_image', errors);
  const { dockerfile_contents, dockerfile_sha_sum, response_url } = parsed.request;
  const client = clientOf(response_url);
  if (!mayActFor(caller, client)) throw new ApiFailure('unauthorized');
  // One that is there was built before the rule that it breaks: it need not be built.
  if (errors.length > 0 && !(await isReady(dockerfile_sha_sum, deps)))
    throw new ApiFailure('invalid_image', errors);
  const recipient = { client, responseUrl: response_url };
  const state = await ask(
    { sha: dockerfile_sha_sum, dockerfile: dockerfile_contents, recipient, askedBy: client },
    deps,
  );
  return answerOf(state, parsed.kind === 'valid' ? parsed.notes : []);
}

async function isReady(sha: string, { db }: ImageRequestsDeps): Promise<boolean> {
  return (await findUsableImage(db, sha)).kind === 'ready';
}

/** @throws {ApiFailure} `missing_body`, `invalid_image` */
async function postBuild(request: FastifyRequest, deps: ImageRequestsDeps): Promise<ImageOrderAnswer> {
  const { body } = request;
  if (body === undefined) throw new ApiFailure('missing_body');
  const parsed = parseImageOrder(body, deps);
  if (parsed.kind === 'invalid') throw new ApiFailure('invalid_image', parsed.errors);
  const dockerfile = parsed.order.dockerfile_contents;
  const sha = sha256Of(dockerfile);
  const order: ImageRequest = { sha, dockerfile, recipient: null, askedBy: callerOf(request).name };
  const state = await deps.db.transaction(async (tx) => {
    const asked = await requestImage(tx, order);
    await noteAudit(tx, audited(request, 'build_image', `image ${sha}`, asked));
    return asked;
  });
  await logAndWake(order, state, deps);
  return { ...answerOf(state, parsed.notes), sha, state };
}

/** What is answered 200 is in the database. */
async function ask(request: ImageRequest, deps: ImageRequestsDeps): Promise<State> {
  const state = await requestImage(deps.db, request);
  await logAndWake(request, state, deps);
  return state;
}

async function logAndWake(
  { sha, askedBy }: ImageRequest,
  state: State,
  deps: ImageRequestsDeps,
): Promise<void> {
  deps.log.info({ sha, client: askedBy, state }, 'grader image asked for');
  if (state === 'queued') await wakeBuilders(sha, deps);
}

function answerOf(state: State, notes: readonly string[]): ImageAnswer {
  const message = state === 'ready' ? IS_THERE : 'OK';
  return notes.length === 0 ? { message } : { message, warnings: [...notes] };
}

/** A notification that is lost costs a poll's time, nothing else: what was asked for stands in the database. */
async function wakeBuilders(sha: string, { db, log }: Pick<ImageRequestsDeps, 'db' | 'log'>): Promise<void> {
  try {
    await notifyImages(db);
  } catch (err) {
    log.warn({ err, sha }, 'cannot wake the builders for an image, they will find it');
  }
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
