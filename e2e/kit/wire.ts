import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A TCP connection's way to somewhere, that a test can hurt. */
export interface Wire extends AsyncDisposable {
  readonly port: number;
  /** How many connections there are through it now. */
  readonly connections: number;
  /** New connections lead there from now on. */
  leadTo(port: number): void;
  /** Cuts every connection and refuses new ones. */
  cut(): void;
  /** Cuts every connection with a reset, as a firewall or a crashed machine does; new ones pass. */
  reset(): void;
  /** Forwards nothing any more, without a word: connections stay open, new ones are taken. */
  freeze(): void;
  /** As before. Connections that were frozen are cut: what they missed is lost. */
  mend(): void;
}

type Mode = 'pass' | 'cut' | 'frozen';

/** Stands between programs and a port of this machine. */
export async function startWire(farPort: number): Promise<Wire> {
  let target = farPort;
  let mode: Mode = 'pass';
  const sockets = new Set<Socket>();
  const nearSockets = new Set<Socket>();
  const keep = (socket: Socket, other: Socket | null): void => {
    sockets.add(socket);
    socket.on('error', () => {}); // what this is for
    socket.on('close', () => {
      sockets.delete(socket);
      if (mode !== 'frozen') other?.destroy();
    });
  };
  const server = createServer((near) => {
    if (mode === 'cut') return void near.destroy();
    nearSockets.add(near);
    near.on('close', () => nearSockets.delete(near));
    if (mode === 'frozen') return keep(near.pause(), null);
    const far = connect({ host: '127.0.0.1', port: target });
    keep(near, far);
    keep(far, near);
    near.pipe(far).pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  const cutAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: bound !== null && typeof bound === 'object' ? bound.port : 0,
    get connections() {
      return nearSockets.size;
    },
    leadTo(port) {
      target = port;
    },
    reset() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    cut() {
      mode = 'cut';
      cutAll();
    },
    freeze() {
      mode = 'frozen';
      for (const socket of sockets) socket.unpipe().pause();
    },
    mend() {
      if (mode === 'frozen') cutAll();
      mode = 'pass';
    },
    async [Symbol.asyncDispose]() {
      mode = 'cut';
      cutAll();
      server.close();
      await once(server, 'close');
    },
  };
}
