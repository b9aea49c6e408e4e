import { fileURLToPath } from 'node:url';
import { createLogger } from '@orca/daemon';
import type { Database } from '@orca/database';
import { createServer } from '../server.ts';

/** Where the document is kept, so that a change of the API is seen in its diff. */
export const DOCUMENT_FILE = fileURLToPath(new URL('../../docs/reference/openapi.json', import.meta.url));

/** The document of the API as the server sends it, set in lines. It takes no database to make it. */
export async function renderDocument(): Promise<string> {
  const server = createServer({
    db: NO_DATABASE,
    authenticate: neverAsked,
    log: createLogger({ name: 'openapi', level: 'fatal', pretty: false }),
    imageFolder: '',
    allowRemoteAdd: false,
    isDraining: () => false,
  });
  try {
    await server.ready();
    return `${JSON.stringify(server.swagger(), null, 2)}\n`;
  } finally {
    await server.close();
  }
}

async function neverAsked(): Promise<never> {
  throw new Error('Cannot answer a request: this server only describes its routes');
}

const NO_DATABASE: Database = {
  url: '',
  room: { isInDoubt: false },
  query: neverAsked,
  batch: neverAsked,
  transaction: neverAsked,
  [Symbol.asyncDispose]: async () => {},
};
