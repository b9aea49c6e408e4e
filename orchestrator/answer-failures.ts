import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from '@orca/daemon';
import { type DatabaseError, isDatabaseAway } from '@orca/database';
import { API_ERRORS, type ApiErrorCode, apiError } from '@orca/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiFailure } from './api-failure.ts';
import { BODY_BYTES_MAX } from './read-json-body.ts';

/** What Fastify says in its own codes. */
const FRAMEWORK_CODES = new Map<string, [ApiErrorCode, string?]>([
  [
    'FST_ERR_CTP_INVALID_MEDIA_TYPE',
    ['unsupported_media_type', 'Cannot read this type of body: send application/json'],
  ],
  ['FST_ERR_CTP_EMPTY_JSON_BODY', ['missing_body']],
  [
    'FST_ERR_CTP_INVALID_CONTENT_LENGTH',
    ['invalid_request', 'The body has not the length that was announced'],
  ],
  ['FST_ERR_BAD_URL', ['invalid_request', 'The path of the request is not well-formed']],
  ['FST_ERR_MAX_PARAM_LENGTH', ['uri_too_long']],
]);

const BYTES_A_MIB = 1024 * 1024;

/** Seconds until a request that found the database away, or no room, is worth repeating. */
const RETRY_AFTER_SECONDS = 2;

/**
 * Answers whatever a request threw, in the form of the contract. Defects are logged, with the id that the caller sees.
 *
 * @returns a Fastify error handler
 */
export function createFailureHandler(log: Logger) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const failure = asFailure(error, request.routeOptions.bodyLimit);
    if (failure.code === 'internal')
      log.error({ err: error, requestId: request.id }, 'a request met a defect');
    if (failure.code === 'database_unreachable' || failure.code === 'outcome_unknown') {
      log.warn({ err: error, requestId: request.id }, 'a request found the database away');
    }
    const { status } = API_ERRORS[failure.code];
    if (status === 503) reply.header('retry-after', failure.retryAfterSeconds ?? RETRY_AFTER_SECONDS);
    // What is left of a body that was not read must not be taken for the next request.
    if (status === 413 || failure.code === 'draining') reply.header('connection', 'close');
    return reply.code(status).send(apiError(failure.code, failure.sentences, request.id));
  };
}

/** Translates errors of Fastify and the database into the API's own. */
function asFailure(error: unknown, bodyLimit: number | undefined): ApiFailure {
  if (error instanceof ApiFailure) return error;
  if (isDatabaseAway(error)) return new ApiFailure(awayCode(error), [], { cause: error });
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return bodyTooLarge(bodyLimit ?? BODY_BYTES_MAX, error);
  const [known, sentence] = FRAMEWORK_CODES.get(code) ?? [];
  if (known !== undefined)
    return new ApiFailure(known, sentence === undefined ? [] : [sentence], { cause: error });
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  return new ApiFailure(status >= 400 && status < 500 ? 'invalid_request' : 'internal', [], { cause: error });
}

function bodyTooLarge(bytesMax: number, cause: unknown): ApiFailure {
  const sentence = `Cannot read a body of more than ${bytesMax} bytes (${bytesMax / BYTES_A_MIB} MiB)`;
  return new ApiFailure('body_too_large', [sentence], { cause });
}

function awayCode(error: DatabaseError): ApiErrorCode {
  return error.code === 'outcome_unknown' ? 'outcome_unknown' : 'database_unreachable';
}

/**
 * Answers a connection whose request could not even be parsed, and closes it.
 *
 * @param requestId for the answer's body; there is no request to take it from
 */
export function answerBrokenRequest(
  error: Error & { code?: string },
  socket: Socket,
  requestId: string,
): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const code = brokenRequestCode(error.code);
  const { status } = API_ERRORS[code];
  const body = JSON.stringify(apiError(code, [], requestId));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function brokenRequestCode(code: string | undefined): ApiErrorCode {
  if (code === 'HPE_HEADER_OVERFLOW') return 'headers_too_large';
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'request_timeout' : 'invalid_request';
}
