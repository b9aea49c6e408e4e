import assert from 'node:assert/strict';

/** One server-sent event as it came. */
export type HeardEvent = { id: number; event: string; data: Record<string, unknown> };

const DEADLINE_MS = 30_000;

/** Listens to an event stream as a client does. */
export async function listenEvents(url: string, headers: Record<string, string> = {}) {
  const stop = new AbortController();
  const answer = await fetch(url, { headers, signal: stop.signal });
  assert.equal(answer.status, 200);
  const heard: HeardEvent[] = [];
  let text = '';
  let wake = Promise.withResolvers<void>();
  const reading = (async () => {
    assert.ok(answer.body !== null);
    for await (const bytes of answer.body.pipeThrough(new TextDecoderStream())) {
      text += bytes;
      const pieces = text.split('\n\n');
      text = pieces.pop() ?? '';
      heard.push(...pieces.flatMap(readEvent));
      wake.resolve();
      wake = Promise.withResolvers();
    }
  })().catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  return {
    heard,
    headers: answer.headers,
    /** Resolves when the server has ended the stream. */
    ended: reading,
    /** Waits until so many events have come. */
    async received(count: number): Promise<HeardEvent[]> {
      const late = setTimeout(() => wake.reject(new Error(`only ${heard.length} events came`)), DEADLINE_MS);
      while (heard.length < count) await wake.promise;
      clearTimeout(late);
      return heard;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await reading;
    },
  };
}

/** A piece without an id is no event. */
function readEvent(piece: string): HeardEvent[] {
  const fields = new Map(
    piece.split('\n').map((line) => [line.split(': ')[0], line.slice(line.indexOf(': ') + 2)]),
  );
  const id = fields.get('id');
  if (id === undefined) return [];
  return [{ id: Number(id), event: fields.get('event') ?? '', data: JSON.parse(fields.get('data') ?? '') }];
}
