import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';

/** One POST as it came over the wire. */
export type ReceivedPost = { path: string; headers: IncomingHttpHeaders; body: string };

/** A course site on loopback that answers as a test says. */
export type FakeClient = AsyncDisposable & {
  url: string;
  port: number;
  posts: readonly ReceivedPost[];
  /** Most POSTs that were open at once. */
  openMax: () => number;
  /** The POSTs that are results, not status updates. */
  results: () => ReceivedPost[];
  /** Waits until so many results have come. */
  receivedResults: (count: number) => Promise<void>;
};

/** Answers one POST; `attempt` counts the POSTs with its `webhook-id` from 1. */
export type AnswerPost = (response: ServerResponse, post: ReceivedPost, attempt: number) => void;

/** Whether a POST is a result, as the existing client tells it from a status. */
export function isResult({ body }: ReceivedPost): boolean {
  return body.includes('shell_responses');
}

const DEADLINE_MS = 30_000;

/** @param port 0 takes a free one */
export async function startFakeClient(
  answer: AnswerPost = (response) => void response.end(),
  port = 0,
): Promise<FakeClient> {
  const posts: ReceivedPost[] = [];
  let open = 0;
  let openMax = 0;
  const server = createServer(async (request, response) => {
    open += 1;
    openMax = Math.max(openMax, open);
    response.on('close', () => {
      open -= 1;
    });
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const post = { path: request.url ?? '', headers: request.headers, body };
    posts.push(post);
    const id = post.headers['webhook-id'];
    answer(response, post, posts.filter(({ headers }) => headers['webhook-id'] === id).length);
    server.emit('post');
  });
  server.listen(port, '0.0.0.0'); // 127.0.0.2, 127.0.0.3, … are hosts of their own
  await once(server, 'listening');
  const bound = server.address();
  const boundPort = bound !== null && typeof bound === 'object' ? bound.port : 0;
  const results = () => posts.filter(isResult);
  return {
    url: `http://127.0.0.1:${boundPort}`,
    port: boundPort,
    posts,
    openMax: () => openMax,
    results,
    async receivedResults(count) {
      const signal = AbortSignal.timeout(DEADLINE_MS);
      while (results().length < count) await once(server, 'post', { signal });
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
