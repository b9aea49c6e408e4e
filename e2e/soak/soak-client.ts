import { type FakeClient, type ReceivedPost, startFakeClient } from '../kit/fake-client.ts';
import { startWire, type Wire } from '../kit/wire.ts';

/** The course site of a soak, behind a wire that can be hurt. */
export interface SoakClient extends AsyncDisposable {
  readonly wire: Wire;
  /** What came, in the order in which it came, byte for byte. */
  readonly posts: readonly ReceivedPost[];
  /** Where results go. */
  readonly resultUrl: string;
  /** Where the outcomes of builds go. */
  readonly imageUrl: string;
  /** When a result was first answered 200, by `webhook-id`; in milliseconds since 1970. */
  readonly takenAt: ReadonlyMap<string, number>;
  /** When the first result of a key was answered 200; in milliseconds since 1970. */
  readonly endedAt: ReadonlyMap<string, number>;
  /** When a job's file was first asked for; in milliseconds since 1970. */
  readonly fetchedAt: ReadonlyMap<string, number>;
  /** Serves the file of a job; returns its URL. */
  serveFile(key: string): string;
  /** Answers every POST with 500 from now on, or with 200 again. */
  refuse(refuses: boolean): void;
}

/** The `webhook-id` of a POST. */
export function webhookIdOf(post: ReceivedPost): string {
  return String(post.headers['webhook-id']);
}

/** What stands in the file of a job. */
export function fileOf(key: string): string {
  return `file of ${key}`;
}

/** Whether a POST brings a result: a status has no `shell_responses`. */
export function isResult(post: ReceivedPost): boolean {
  return post.json.shell_responses !== undefined;
}

function noteFirst(times: Map<string, number>, of: string): void {
  if (!times.has(of)) times.set(of, Date.now());
}

/** Starts the client of a soak. */
export async function startSoakClient(): Promise<SoakClient> {
  await using opened = new AsyncDisposableStack();
  const client: FakeClient = opened.use(await startFakeClient());
  const wire = opened.use(await startWire(Number(new URL(client.url).port)));
  const url = `http://127.0.0.1:${wire.port}`;
  const takenAt = new Map<string, number>();
  const endedAt = new Map<string, number>();
  const fetchedAt = new Map<string, number>();
  let refuses = false;

  client.answer('/results', (_request, response, _attempt, post) => {
    if (refuses) return void response.writeHead(500).end('out of order');
    if (post !== null && isResult(post)) {
      noteFirst(takenAt, webhookIdOf(post));
      noteFirst(endedAt, post.json.key ?? '');
    }
    response.end('{"message":"thanks"}');
  });
  client.answer('/images', (_request, response) => {
    if (refuses) response.writeHead(500);
    response.end();
  });
  const closing = opened.move();
  return {
    wire,
    posts: client.posts,
    resultUrl: `${url}/results`,
    imageUrl: `${url}/images`,
    takenAt,
    endedAt,
    fetchedAt,
    serveFile(key) {
      const path = `/files/${encodeURIComponent(key)}.txt`;
      client.answer(path, (_request, response) => {
        noteFirst(fetchedAt, key);
        response.end(`${fileOf(key)}\n`);
      });
      return url + path;
    },
    refuse(value) {
      refuses = value;
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}
