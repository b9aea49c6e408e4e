import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import { createServer, type Server, type Socket } from 'node:net';

/** Where on loopback; a free port of 127.0.0.1 unless it is said. */
export type Place = { host?: string; port?: number };

/** A server on loopback, gone with its connections when disposed of. */
export type Listening = AsyncDisposable & { port: number; url: string; connections: () => number };

/** Serves HTTP. */
export function listenHttp(onRequest: RequestListener, place: Place = {}): Promise<Listening> {
  return listen(createHttpServer(onRequest), place);
}

/** Serves HTTP over TLS. */
export function listenHttps(options: ServerOptions, onRequest: RequestListener): Promise<Listening> {
  return listen(createHttpsServer(options, onRequest));
}

/** Hands over bare connections on a free port of 127.0.0.1: for answers that no HTTP library would give. */
export function listenRaw(onConnection: (socket: Socket) => void): Promise<Listening> {
  return listen(createServer({ allowHalfOpen: true }, onConnection));
}

async function listen(
  server: Server,
  { host = '127.0.0.1', port: wanted = 0 }: Place = {},
): Promise<Listening> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => {}); // the other side is meant to cut us off
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(wanted, host);
  await once(server, 'listening');
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return {
    port,
    url: `http://${host}:${port}`,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
