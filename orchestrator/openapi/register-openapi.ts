import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance, FastifySchema } from 'fastify';
import Type from 'typebox';
import { describeRoute, SECURITY_SCHEMES } from './describe-route.ts';
import { publishNamedSchemas } from './publish-schemas.ts';

/** Where the page stands; its files lie below. */
const DOCS_PATH = '/docs';
/** Where the document stands, as `docs/reference/openapi.json` has it. */
const DOCUMENT_PATH = '/api/v1/openapi.json';

/** One style that the page's script sets up itself; when an upgrade changes it, a browser's console gives the new hash. */
const STYLE_OF_SCRIPT = "'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='";
/** The page's scripts and styles are files of this server, and it asks this server only. Pictures of the page are `data:`. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  `style-src 'self' ${STYLE_OF_SCRIPT}`,
  "img-src 'self' data:",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const ABOUT = `Grading jobs go in by \`PUT /api/v1/grading_queue\`; results are POSTed to each job's \`response_url\`.

An error is \`{"errors", "code", "request_id"}\`. Repeat a request that was answered 503 after \`Retry-After\` seconds: a
job that is stored already stays the same, unless it has been graded meanwhile. Any other error stays the same until the request changes.`;

const DOCUMENT_SCHEMA = {
  tags: ['service'],
  summary: 'This document',
  response: { 200: Type.Record(Type.String(), Type.Unknown(), { description: 'An OpenAPI 3.1 document.' }) },
} as const satisfies FastifySchema;

/**
 * Collects the routes that are registered afterwards into one OpenAPI document, and serves it with a page to try it.
 *
 * The schemas of routes describe, and do nothing else: bodies are checked by `protocol/`, in its own sentences, and answers
 * are sent as the routes make them. So nothing is coerced, dropped or put in another order.
 *
 * @see docs/adr/0010-one-openapi-document.md
 */
export function registerOpenapi(server: FastifyInstance): void {
  server.setValidatorCompiler(() => () => true);
  server.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
  server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Orca', version: '1', description: ABOUT },
      tags: [
        { name: 'jobs', description: 'Grading jobs: put, look, steer.' },
        { name: 'images', description: 'Grader images and their builds.' },
        { name: 'validation', description: 'What a PUT would say; nothing is stored.' },
        { name: 'service', description: 'Orca itself.' },
        { name: 'queue', description: 'The jobs that wait, in their order.' },
        { name: 'deliveries', description: 'What clients are owed, every try of it, and sending it again.' },
        { name: 'workers', description: 'Who grades what now.' },
        { name: 'events', description: 'What happens to jobs, live.' },
        { name: 'audit trail', description: 'Who did what.' },
      ],
      components: { schemas: publishNamedSchemas(), securitySchemes: SECURITY_SCHEMES },
    },
    convertConstToEnum: false,
    transform: ({ schema, url, route }) => ({
      schema: schema?.hide === true ? schema : describeRoute({ ...route, schema }),
      url,
    }),
  });
  server.register(swaggerUi, {
    routePrefix: DOCS_PATH,
    staticCSP: PAGE_POLICY,
    // Without the bar on top, which is for other servers' documents.
    uiConfig: { docExpansion: 'list', tryItOutEnabled: true, layout: 'BaseLayout' },
    theme: { title: 'Orca: the API' },
  });
  server.register(async (scope) => {
    scope.get(DOCUMENT_PATH, { schema: DOCUMENT_SCHEMA }, async () => server.swagger());
  });
}
