import { API_ERRORS, type ApiErrorCode } from '@orca/protocol';
import type { FastifySchema, RouteOptions } from 'fastify';
import { publishSchema, referTo } from './publish-schemas.ts';
import type { Access } from './route-access.ts';

declare module 'fastify' {
  interface FastifySchema {
    /** Errors that the route answers, beside those that every route of its kind may answer. */
    errors?: readonly ApiErrorCode[];
  }
}

/** Errors of all routes; those that are no route's own (408, 414, 431, 500) are the document's `default`. */
const ERRORS_OF_ALL: readonly ApiErrorCode[] = ['draining', 'database_unreachable'];
const ERRORS_OF_ACCESS: Record<Access, readonly ApiErrorCode[]> = {
  public: [],
  key: ['unauthorized', 'overloaded'],
  staff: ['unauthorized', 'forbidden', 'overloaded'],
  admin: ['unauthorized', 'forbidden', 'overloaded'],
  worker: ['unauthorized', 'overloaded'],
};
const ERRORS_OF_BODIES: readonly ApiErrorCode[] = [
  ...(['missing_body', 'invalid_json', 'body_too_large', 'unsupported_media_type'] as const),
];
const ERRORS_OF_WRITES: readonly ApiErrorCode[] = ['outcome_unknown'];
const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** What the page and generators call the ways in; `description` says how roles differ. */
export const SECURITY_SCHEMES = {
  apiKey: {
    type: 'apiKey',
    in: 'header',
    name: 'x-api-key',
    description:
      'A key names hostnames and a role. client: all that is about jobs of its own hosts. staff: also ' +
      'those that show or steer what belongs to all. admin: everything, for all hosts. While no key exists and ' +
      'ENVIRONMENT is not production, requests from the same machine need none.',
  },
  workerToken: {
    type: 'http',
    scheme: 'bearer',
    description: 'The id of a worker, a dot, and the token that it made at its start; while it lives.',
  },
} as const;

const SECURITY_OF_ACCESS = {
  public: [],
  key: [{ apiKey: [] }],
  staff: [{ apiKey: [] }],
  admin: [{ apiKey: [] }],
  worker: [{ workerToken: [] }],
} as const satisfies Record<Access, unknown>;

const ROLES_OF_ACCESS: Record<Access, string> = {
  public: 'Public: needs no key.',
  key: 'Roles: client, staff, admin.',
  staff: 'Roles: staff, admin.',
  admin: 'Roles: admin.',
  worker: 'For living workers only.',
};

/**
 * What the document says of a route: what its own schema says, who may use it, and every error that it answers.
 *
 * @param route as it was registered, with its access noted
 */
export function describeRoute(route: RouteOptions): FastifySchema {
  const { errors, body, response, description, ...schema } = route.schema ?? {};
  const access = route.config?.access ?? 'public';
  const remarks = [description, ROLES_OF_ACCESS[access]].filter((text) => text !== undefined);
  return {
    ...schema,
    description: remarks.join(' '),
    security: SECURITY_OF_ACCESS[access],
    ...(schema.params === undefined ? {} : { params: publishSchema(schema.params) }),
    ...(schema.querystring === undefined ? {} : { querystring: publishSchema(schema.querystring) }),
    ...(body === undefined ? {} : { body: json(body) }),
    response: { ...successes(response), ...errorAnswers(errorsOf(route, access, errors ?? [])) },
  };
}

function errorsOf(route: RouteOptions, access: Access, own: readonly ApiErrorCode[]): ApiErrorCode[] {
  const isRead = [route.method].flat().every((method) => READS.has(method));
  return [
    ...own,
    ...ERRORS_OF_ACCESS[access],
    ...(route.schema?.body === undefined ? [] : ERRORS_OF_BODIES),
    ...ERRORS_OF_ALL,
    ...(isRead ? [] : ERRORS_OF_WRITES),
  ];
}

function json(schema: unknown) {
  return { content: { 'application/json': { schema: publishSchema(schema) } } };
}

/** A route gives a schema of JSON, or what OpenAPI itself has for an answer (`description`, `content`). */
function successes(response: unknown): Record<string, unknown> {
  const answers = Object.entries(response ?? {}).map(([status, answer]): [string, unknown] => {
    const isWhole = typeof answer === 'object' && answer !== null && 'content' in answer;
    const description = textOf(answer) ?? 'Done.';
    if (isWhole) return [status, publishSchema({ description, ...answer })];
    return [status, isNothing(answer) ? { type: 'null', description } : { description, ...json(answer) }];
  });
  return Object.fromEntries(answers);
}

function isNothing(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && Reflect.get(answer, 'type') === 'null';
}

function textOf(answer: unknown): string | undefined {
  const text: unknown =
    typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'description') : null;
  return typeof text === 'string' ? text : undefined;
}

/** One answer for each status, with the codes that it may carry; 503 says when to come again. */
function errorAnswers(codes: readonly ApiErrorCode[]): Record<string, unknown> {
  const answers: Record<string, unknown> = {};
  for (const status of new Set(codes.map((code) => API_ERRORS[code].status))) {
    const carried = [...new Set(codes)].filter((code) => API_ERRORS[code].status === status);
    const description = carried.map((code) => `\`${code}\`: ${API_ERRORS[code].meaning}`).join('\n\n');
    answers[status] = { description, ...ERROR_BODY, ...(status === UNAVAILABLE ? RETRY_AFTER : {}) };
  }
  return { ...answers, default: { description: 'Any other error, in the same form.', ...ERROR_BODY } };
}

const UNAVAILABLE = 503;
const ERROR_BODY = { content: { 'application/json': { schema: referTo('ApiError') } } };
const RETRY_AFTER = {
  headers: { 'Retry-After': { type: 'integer', description: 'Seconds until the same request is welcome.' } },
};
