import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema } from 'fastify';
import Type from 'typebox';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether pages of any origin may read what the route answers, its errors too. */
    isForAnyOrigin?: boolean;
  }
}

/** Says in one sentence how something stands; throws what the caller is to be answered instead. */
type SayState = (params: unknown) => Promise<string>;

/** What the document says of the state that is told. */
type SentenceSchema = Pick<FastifySchema, 'tags' | 'summary' | 'params'>;

const ABOUT =
  'A sentence for a person, as a JSON string, for pages of any origin; also for an id that is not known.';
const ERRORS = ['invalid_request'] as const;
const PREFLIGHT = { 204: { type: 'null', description: "The answer to a browser's preflight." } } as const;

/**
 * A route that a browser asks from the client's own pages, without a key: always a JSON string, for pages of any origin.
 *
 * @param say gets the parameters of the path
 */
export function registerPublicSentence(
  server: FastifyInstance,
  { path, schema }: { path: string; schema: SentenceSchema },
  say: SayState,
): void {
  const shown = { ...schema, description: ABOUT, response: { 200: Type.String() }, errors: ERRORS };
  server.get(
    path,
    { schema: shown, config: { isForAnyOrigin: true } },
    async ({ params }: { params: unknown }, reply: FastifyReply): Promise<FastifyReply> => {
      const sentence = await say(params);
      return reply.type('application/json; charset=utf-8').send(JSON.stringify(sentence));
    },
  );
  server.options(path, { schema: { ...schema, response: PREFLIGHT } }, answerPreflight);
}

/** A page that sends a header of its own asks first whether it may. */
async function answerPreflight(_request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  return reply.code(204).headers(PREFLIGHT_HEADERS).send();
}

const PREFLIGHT_HEADERS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET',
  'access-control-allow-headers': '*',
  'access-control-max-age': '86400',
} as const;
