import { createHash } from 'node:crypto';
import { createConnection, createServer, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** A lock that is held until it is disposed of or its process dies, however it dies. */
export type HeldLock = AsyncDisposable;

const RETRY_MS = 25;

/**
 * Takes a lock that only one process of this machine can hold.
 *
 * It is a socket in Linux's abstract namespace: it has no file, so nothing is left behind by a process that was killed.
 * Processes in different network namespaces do not see each other's locks.
 *
 * @param name what is locked, such as a folder's real path
 * @param waitMs how long to wait for another holder, in milliseconds; 0 tries once
 * @returns `null` when another process still holds it
 * @throws {Error} when this platform has no such sockets
 * @see {@link https://man7.org/linux/man-pages/man7/unix.7.html} Abstract sockets
 */
export async function holdLock(name: string, waitMs: number): Promise<HeldLock | null> {
  if (process.platform !== 'linux') throw new Error(`Cannot lock "${name}": this works on Linux only`);
  const address = `\0orca-${createHash('sha256').update(name).digest('hex').slice(0, 40)}`;
  const deadline = performance.now() + waitMs;
  for (;;) {
    const server = await listenOn(address);
    if (server !== null) return { [Symbol.asyncDispose]: () => close(server) };
    const leftMs = deadline - performance.now();
    if (leftMs <= 0) return null;
    await delay(Math.min(RETRY_MS, leftMs));
  }
}

/**
 * Asks who holds a lock.
 *
 * @returns the holder's process id, or `null` when nobody answers
 */
export function askHolder(name: string): Promise<number | null> {
  const address = `\0orca-${createHash('sha256').update(name).digest('hex').slice(0, 40)}`;
  return new Promise((resolve) => {
    let answer = '';
    const socket = createConnection(address);
    socket.setTimeout(1_000, () => socket.destroy());
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      answer += text;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(/^\d+$/.test(answer) ? Number(answer) : null));
  });
}

function listenOn(address: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end(String(process.pid));
    });
    server.unref(); // a lock alone keeps no process alive
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(null);
      else reject(error);
    });
    server.listen(address, () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
