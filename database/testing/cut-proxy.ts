import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A way to a database that can be cut and mended. */
export type CutProxy = AsyncDisposable & {
  /** The database's URL, through the proxy. */
  url: string;
  /** Cuts all connections and refuses new ones. */
  cut(): void;
  mend(): void;
};

/** Stands between a program and the database that `databaseUrl` names. */
export async function startCutProxy(databaseUrl: string): Promise<CutProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) return void near.destroy();
    const far = connect({ host: target.hostname, port: Number(target.port || 5432) });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {}); // a cut is what this is for
      socket.on('close', () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far).pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String(bound !== null && typeof bound === 'object' ? bound.port : 0);
  const cutAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: url.href,
    cut() {
      isCut = true;
      cutAll();
    },
    mend() {
      isCut = false;
    },
    async [Symbol.asyncDispose]() {
      cutAll();
      server.close();
      await once(server, 'close');
    },
  };
}
