import { once } from 'node:events';
import type { FastifyReply } from 'fastify';

/** A connection on which server-sent events go out. */
export type EventStream = {
  /** Aborts when the client has gone, or the stream was ended. */
  closed: AbortSignal;
  /**
   * Sends one event and waits until the client has room for the next: nothing is kept for slow ones but this.
   *
   * @throws when the stream is closed, also because the client has taken nothing for too long
   */
  send(event: { id: number; event: string; data: unknown }): Promise<void>;
  /** Sends a line that is no event: a sign of life. */
  comment(text: string): Promise<void>;
  end(): void;
};

/** A client that takes nothing for so long is cut off; it comes back with `Last-Event-ID`. */
const SLOW_MS_MAX = 30_000;
/** How long a client waits before it comes back, in milliseconds. */
const RETRY_MS = 2_000;

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'x-accel-buffering': 'no', // nginx would keep events back
} as const;

/**
 * Begins to answer a request with server-sent events.
 *
 * @see {@link https://html.spec.whatwg.org/multipage/server-sent-events.html}
 */
export async function openEventStream(
  reply: FastifyReply,
  { slowMsMax = SLOW_MS_MAX }: { slowMsMax?: number } = {},
): Promise<EventStream> {
  reply.hijack();
  const { raw } = reply;
  const closing = new AbortController();
  raw.on('close', () => closing.abort());
  raw.on('error', () => closing.abort());
  // Who has gone while it was looked at who he is, is told of by no event any more.
  if (raw.destroyed) closing.abort();
  for (const [name, value] of Object.entries({ ...reply.getHeaders(), ...HEADERS }))
    if (value !== undefined) raw.setHeader(name, value);
  raw.writeHead(200);
  const write = async (text: string): Promise<void> => {
    closing.signal.throwIfAborted();
    if (raw.write(text)) return;
    const late = AbortSignal.timeout(slowMsMax);
    try {
      await once(raw, 'drain', { signal: AbortSignal.any([closing.signal, late]) });
    } catch (error) {
      raw.destroy();
      throw error;
    }
  };
  await write(`retry: ${RETRY_MS}\n\n`);
  return {
    closed: closing.signal,
    send: ({ id, event, data }) => write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
    comment: (text) => write(`: ${text}\n\n`),
    end() {
      closing.abort();
      raw.end();
    },
  };
}
