import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { Agent, type IncomingMessage, request } from 'node:http';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { startProcess } from '@orca/daemon';
import type { Database } from '@orca/database';
import { createClientKey } from '../system/client-key.ts';
import { CONNECTIONS, type Enqueuer, onConnections } from './contender.ts';
import { CLIENT, sampleJob } from './sample-job.ts';

/** The name under which its figures stand. */
export const PUT_OVER_HTTP = 'PUT over HTTP';

const MAIN = fileURLToPath(new URL('../../orchestrator/main.ts', import.meta.url));
const STOP_MS = 20_000;
const OK = 200;

/**
 * Starts Orca's server as a process of its own, and PUTs jobs to it over sockets that are kept alive. Each connection has
 * a key of its own, so that the limit of requests for one key is not what is measured.
 *
 * @param folder for the server's log and images
 */
export async function startPuts(
  place: { url: string; db: Database },
  folder: string,
): Promise<AsyncDisposable & Enqueuer> {
  await using opened = new AsyncDisposableStack();
  const keys = await Promise.all(
    Array.from({ length: CONNECTIONS }, () => createClientKey(place.db, CLIENT)),
  );
  const log = opened.use(await open(path.join(folder, 'server.log'), 'w'));
  const never = new AbortController().signal;
  const server = await startProcess(
    { name: 'the server', program: [MAIN, 'server'], env: settings(place.url, folder), output: log.fd },
    never,
  );
  opened.defer(() => server.stop(STOP_MS, never));
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  opened.defer(() => agent.destroy());
  const url = new URL('/api/v1/grading_queue', server.address);
  const kept = opened.move();
  return {
    name: PUT_OVER_HTTP,
    enqueue: (range) =>
      onConnections(range, (number, connection) => put(url, agent, keys[connection] ?? '', number)),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

function settings(databaseUrl: string, folder: string): Record<string, string> {
  return {
    ENVIRONMENT: 'production',
    POSTGRES_URL: databaseUrl,
    API_PORT: '0',
    ORCA_LISTEN_ADDRESS: '127.0.0.1',
    ORCA_IMAGE_FOLDER: path.join(folder, 'images'),
    ORCA_LOG_FORMAT: 'json',
  };
}

async function put(url: URL, agent: Agent, key: string, number: number): Promise<void> {
  const body = JSON.stringify(sampleJob(number).config);
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-api-key': key,
  };
  const sent = request(url, { method: 'PUT', agent, headers });
  sent.end(body);
  const [answer]: IncomingMessage[] = await once(sent, 'response');
  if (answer === undefined) throw new Error('Cannot PUT a job: the server gives no answer');
  const said = await text(answer);
  if (answer.statusCode !== OK) throw new Error(`Cannot PUT a job: ${answer.statusCode} ${said}`);
}
