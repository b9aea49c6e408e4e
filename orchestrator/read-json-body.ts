import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ApiFailure } from './api-failure.ts';

/** Largest body of a request. */
export const BODY_BYTES_MAX = 1024 * 1024;
/** Largest body of a batch of jobs: 200 of the usual size. */
export const BATCH_BYTES_MAX = 2 * BODY_BYTES_MAX;
/** Deepest nesting of a body: the script language needs 16. */
export const JSON_DEPTH_MAX = 64;

/**
 * Makes a server take `application/json`, uncompressed, and nothing else.
 *
 * @see RFC 9110 15.5.16 (415)
 */
export function acceptJsonOnly(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: Buffer) =>
      // A client that names a type for all of its requests sends it with a DELETE, too.
      request.method === 'DELETE' && body.length === 0 ? undefined : parseJsonBody(body),
  );
  server.addHook('preParsing', async (request) => {
    const encoding = request.headers['content-encoding'] ?? 'identity';
    if (encoding !== 'identity') {
      throw new ApiFailure('unsupported_media_type', [
        `Cannot read a body in "${encoding}": send it uncompressed`,
      ]);
    }
  });
}

/**
 * Parses a body as strict UTF-8 JSON.
 *
 * @throws {ApiFailure} `missing_body`, or `invalid_json` with what is wrong: syntax, depth, a name `__proto__`
 */
export function parseJsonBody(body: Buffer): unknown {
  if (body.length === 0) throw new ApiFailure('missing_body');
  const value = parseText(body);
  const problem = problemOf(value);
  if (problem !== null) throw new ApiFailure('invalid_json', [problem]);
  return value;
}

function parseText(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    // The message may quote the body, and with it a job's key: only the place is told.
    const place = /at position \d+/.exec(error instanceof Error ? error.message : '')?.[0];
    throw new ApiFailure('invalid_json', [
      `Cannot read the body: it is no JSON in UTF-8${place ? ` (${place})` : ''}`,
    ]);
  }
}

/** Walks with a stack of its own: recursion would overflow at the depth that it is to refuse. */
function problemOf(body: unknown): string | null {
  const stack: { value: unknown; path: string; depth: number }[] = [{ value: body, path: '', depth: 1 }];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { value, path, depth } = next;
    if (typeof value !== 'object' || value === null) continue;
    if (depth > JSON_DEPTH_MAX) return `Cannot read the body: nesting deeper than ${JSON_DEPTH_MAX}`;
    if (Object.hasOwn(value, '__proto__'))
      return `${path || 'the body'}: the name "__proto__" is not allowed`;
    const isList = Array.isArray(value);
    for (const [name, member] of Object.entries(value)) {
      if (typeof member !== 'object') continue;
      const memberPath = isList ? `${path}[${name}]` : `${path === '' ? '' : `${path}.`}${name}`;
      stack.push({ value: member, path: memberPath, depth: depth + 1 });
    }
  }
  return null;
}
