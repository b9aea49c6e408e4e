import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { packPath } from './pack-folder.ts';
import { type BuildOutcome, type ReceivedPost, readPost } from './read-post.ts';

/** A course site on loopback, as far as a job needs one. */
export interface PlayedClient extends AsyncDisposable {
  /** `http://127.0.0.1:port`, without a slash at the end. */
  readonly url: string;
  /** Where the files of an example are served, without a slash at the end. */
  filesUrl(example: string): string;
  /** Where status updates and results are to be POSTed, and results can be looked at. */
  readonly responseUrl: string;
  /** Where to POST how the build of an example's image ended, which itself does not say whose it was. */
  outcomeUrl(example: string): string;
}

/** Gets what comes to a client. */
export interface ClientInboxes {
  onPost(post: ReceivedPost): void;
  onOutcome(example: string, outcome: BuildOutcome): void;
}

const FILES_PATH = /^\/files\/([^/]+)\/(.+)$/;
const RESULTS_PATH = '/results';
const OUTCOME_PATH = /^\/images\/([^/]+)$/;

/**
 * Starts a client that serves the examples' files, folders packed as the path's suffix says, and takes POSTs. A GET of
 * `responseUrl` answers the result that came last, as it came.
 *
 * @param folders where each example lies, by its name
 * @param inboxes get what comes
 */
export async function playClient(
  folders: ReadonlyMap<string, string>,
  inboxes: ClientInboxes,
): Promise<PlayedClient> {
  let lastResult: string | null = null;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url ?? '/', 'http://client');
    if (pathname === RESULTS_PATH && request.method === 'POST') {
      const body = await text(request);
      const post = readPost(body);
      if (post.kind === 'result') lastResult = body;
      inboxes.onPost(post);
      thank(response);
    } else if (OUTCOME_PATH.test(pathname) && request.method === 'POST') {
      const [, example = ''] = OUTCOME_PATH.exec(pathname) ?? [];
      const post = readPost(await text(request));
      if (post.kind === 'build') inboxes.onOutcome(decodeURIComponent(example), post.outcome);
      thank(response);
    } else if (pathname === RESULTS_PATH && lastResult !== null) {
      response.setHeader('content-type', 'application/json').end(`${lastResult}\n`);
    } else {
      const bytes = await readServed(folders, pathname);
      if (bytes === null) response.writeHead(404).end('There is no such file here\n');
      else response.end(bytes);
    }
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error) => response.destroy(error));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error('Cannot play a client: it has no port');
  const url = `http://127.0.0.1:${address.port}`;
  return {
    url,
    filesUrl: (example) => `${url}/files/${encodeURIComponent(example)}`,
    responseUrl: url + RESULTS_PATH,
    outcomeUrl: (example) => `${url}/images/${encodeURIComponent(example)}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function thank(response: ServerResponse): void {
  response.setHeader('content-type', 'application/json').end('{"message":"thanks"}');
}

async function readServed(folders: ReadonlyMap<string, string>, pathname: string): Promise<Buffer | null> {
  const [, example = '', path = ''] = FILES_PATH.exec(pathname) ?? [];
  const folder = folders.get(decodeURIComponent(example));
  return folder === undefined ? null : packPath(folder, decodeURIComponent(path));
}
