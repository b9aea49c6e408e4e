import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createOutbound, type Outbound } from '@orca/outbound';

/** Answers one request; `attempt` counts those for its path from 1. */
export type AnswerFile = (request: IncomingMessage, response: ServerResponse, attempt: number) => void;

/** A real file server on loopback that misbehaves where a test says so. */
export interface FileServer extends AsyncDisposable {
  /** Answers a path; returns its URL. */
  answer(path: string, handler: AnswerFile): string;
  /** How often a path was asked for. */
  requestsOf(path: string): number;
}

/** Starts a file server on a free port. */
export async function startFileServer(): Promise<FileServer> {
  const handlers = new Map<string, AnswerFile>();
  const counts = new Map<string, number>();
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://files').pathname;
    const attempt = (counts.get(path) ?? 0) + 1;
    counts.set(path, attempt);
    const handler = handlers.get(path);
    if (handler === undefined) response.writeHead(404).end('no such file');
    else handler(request, response, attempt);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('The file server has no port');
  return {
    answer(path, handler) {
      handlers.set(path, handler);
      return `http://127.0.0.1:${address.port}${path}`;
    },
    requestsOf: (path) => counts.get(path) ?? 0,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What lets tests reach loopback, as in development. */
export function createTestOutbound(): Outbound {
  const policy = { production: false, allow: [], refusePrivate: false, alwaysRefuse: [] };
  return createOutbound({ policy, userAgent: 'orca-test' });
}
