import type { Logger } from '@orca/daemon';
import type { Database, EventFilter } from '@orca/database';
import { EventStreamSchema } from '@orca/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema } from 'fastify';
import Type from 'typebox';
import { ApiFailure } from '../api-failure.ts';
import { type Authenticate, clientsOf, isStillKnown } from '../authenticate.ts';
import { openEventStream } from '../events/event-stream.ts';
import { findStart, followEvents, shareMark } from '../events/follow-events.ts';
import { queryText, refuseOtherParameters, wholeNumberOf } from '../read-parameters.ts';
import { callerOf } from '../require-caller.ts';
import { visibleJob, visibleJobOf } from './job-details.ts';
import { JobParamsSchema } from './parameter-schemas.ts';

/** What event streams need. */
export type JobEventsDeps = {
  db: Database;
  log: Logger;
  authenticate: Authenticate;
  isDraining: () => boolean;
};

/** Streams of one server at once, and of one key: each asks the database twice a second. */
const STREAMS_MAX = 200;
const STREAMS_OF_KEY_MAX = 20;
const RETRY_AFTER_SECONDS = 30;
const NUMBER_BYTES_MAX = 16;

/** `GET /events` and `GET /jobs/:jobID/events`: what happens to jobs, as server-sent events. */
export function registerJobEvents(server: FastifyInstance, deps: JobEventsDeps): void {
  const stopping = new AbortController();
  // Streams would keep the server from closing.
  server.addHook('preClose', async () => stopping.abort());
  const follow = createFollower(deps, stopping.signal);
  const content = { 'text/event-stream': { schema: EventStreamSchema } };
  const response = { 200: { description: 'A stream without an end.', content } };
  const headers = Type.Object({
    'last-event-id': Type.Optional(Type.Integer({ minimum: 0, description: 'Goes on after this event.' })),
  });
  const errors = ['invalid_request', 'not_found'] as const;
  const allSchema = {
    tags: ['events'],
    summary:
      'What happens to the jobs of the hosts of a key, as server-sent events, from now on or Last-Event-ID',
    querystring: Type.Object({ job: Type.Optional(Type.Integer({ minimum: 1 })) }),
    ...{ headers, response, errors },
  } as const satisfies FastifySchema;
  server.get('/events', { exposeHeadRoute: false, schema: allSchema }, async (request, reply) => {
    refuseOtherParameters(request.query, ['job']);
    const job = queryText(request.query, 'job', NUMBER_BYTES_MAX);
    const filter = job === null ? filterOf(request) : await filterOfJob(request, job, deps.db);
    await follow(request, reply, { filter, after: lastEventId(request) });
  });
  const jobSchema = {
    tags: ['events'],
    summary: 'What happened and happens to a job, with each command that has ended, as server-sent events',
    params: JobParamsSchema,
    ...{ headers, response, errors },
  } as const satisfies FastifySchema;
  server.get('/jobs/:jobID/events', { exposeHeadRoute: false, schema: jobSchema }, async (request, reply) => {
    const { jobId } = await visibleJob(request, deps.db);
    await follow(request, reply, { filter: { kind: 'job', jobId }, after: lastEventId(request) ?? 0 });
  });
}

type Following = { filter: EventFilter; after: number | null };

/** Makes the function that answers with a stream; it returns when the stream has ended. */
function createFollower({ db, log, authenticate, isDraining }: JobEventsDeps, stopping: AbortSignal) {
  const open = new Map<FastifyRequest, string>();
  const mark = shareMark(db);
  return async (
    request: FastifyRequest,
    reply: FastifyReply,
    { filter, after }: Following,
  ): Promise<void> => {
    const { name } = callerOf(request);
    const ofKey = [...open.values()].filter((one) => one === name).length;
    if (open.size >= STREAMS_MAX || ofKey >= STREAMS_OF_KEY_MAX)
      throw new ApiFailure('overloaded', ['Too many event streams are open; end one, or come again later'], {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    const key = request.headers['x-api-key'];
    const isStillAllowed = async (): Promise<boolean> => {
      if (isDraining()) return false;
      const found = await authenticate(
        typeof key === 'string' ? key : '',
        request.socket.remoteAddress ?? '',
      );
      return isStillKnown(found);
    };
    // Counted before anything is waited for: many may ask at the same moment.
    open.set(request, name);
    try {
      const start = await findStart(after, db);
      const stream = await openEventStream(reply);
      const logBreak = (err: unknown): void => {
        if (!stream.closed.aborted)
          log.warn({ err, requestId: request.id }, 'an event stream has broken off');
      };
      await followEvents(stream, { filter, start }, { db, log, mark, stopping, isStillAllowed })
        .catch(logBreak)
        .finally(() => stream.end());
    } finally {
      open.delete(request);
    }
  };
}

async function filterOfJob(request: FastifyRequest, text: string, db: Database): Promise<EventFilter> {
  const { jobId } = await visibleJobOf(request, wholeNumberOf('job', text), db);
  return { kind: 'job', jobId };
}

function filterOf(request: FastifyRequest): EventFilter {
  const clients = clientsOf(callerOf(request));
  return clients === null ? { kind: 'all' } : { kind: 'clients', clients };
}

/** @throws {ApiFailure} `invalid_request` when the header is no number */
function lastEventId(request: FastifyRequest): number | null {
  const header = request.headers['last-event-id'];
  if (header === undefined || header === '') return null;
  if (header === '0') return 0;
  return wholeNumberOf('Last-Event-ID', typeof header === 'string' ? header : '');
}
