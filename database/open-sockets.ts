import { Socket } from 'node:net';

/** How long a server may take to say goodbye, in milliseconds. */
export const GOODBYE_MS = 2_000;

/** The sockets of some connections, so that they can be closed even when nobody answers any more. */
export type OpenSockets = {
  /** Makes a socket for the driver to connect. */
  open(): Socket;
  /** Waits for connections to end in order; those that have not after two seconds are cut. None is open afterwards. */
  endInOrder(ending: Promise<void>): Promise<void>;
};

/**
 * Keeps the sockets of some connections at hand.
 *
 * From behind a dead network no goodbye comes, and the driver waits for one without end, or leaves the socket open: the
 * process could not stop.
 */
export function createOpenSockets(): OpenSockets {
  const sockets = new Set<Socket>();
  return {
    open() {
      const socket = new Socket();
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      return socket;
    },
    async endInOrder(ending) {
      const cut = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, GOODBYE_MS);
      try {
        await ending;
        await Promise.all([...sockets].map(untilClosed));
      } finally {
        clearTimeout(cut);
      }
    },
  };
}

/** Not by `once()` of node:events, which takes an error on the way, such as a reset, for the end. */
function untilClosed(socket: Socket): Promise<void> {
  const closed = Promise.withResolvers<void>();
  socket.once('close', () => closed.resolve());
  return closed.promise;
}
