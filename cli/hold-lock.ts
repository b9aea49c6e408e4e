import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { sleep } from '@orca/daemon';

/** A lock that this process has; it ends with the process at the latest, however that dies. */
export type HeldLock = AsyncDisposable;

/** Whether a lock could be had; if not, which process has it (`null` if it did not say). */
export type LockAnswer =
  | { readonly kind: 'held'; readonly lock: HeldLock }
  | { readonly kind: 'taken'; readonly pid: number | null };

const NAME_DIGITS = 32;
const ANSWER_TIMEOUT_MS = 2_000;
/** How often a holder may vanish between two looks before that is strange. */
const TRIES_MAX = 20;
const PAUSE_MS = 50;

/**
 * An address in Linux' abstract namespace: no file, and the kernel frees it when the process dies. Processes in another
 * network namespace do not see it.
 *
 * @see man unix(7)
 */
function addressOf(name: string): string {
  return `\0orca-${createHash('sha256').update(name).digest('hex').slice(0, NAME_DIGITS)}`;
}

/**
 * Takes a lock of this machine, or learns who has it.
 *
 * @param name what is locked, such as `data /srv/orca`
 */
export async function takeLock(name: string): Promise<LockAnswer> {
  for (let tries = 1; ; tries += 1) {
    const lock = await listen(addressOf(name));
    if (lock !== null) return { kind: 'held', lock };
    const holder = await visit(addressOf(name));
    if (holder !== null) {
      holder.socket.destroy();
      return { kind: 'taken', pid: holder.pid };
    }
    if (tries === TRIES_MAX) return { kind: 'taken', pid: null };
    await sleep(PAUSE_MS);
  }
}

/**
 * Takes a lock of this machine, waiting until it is free.
 *
 * @param onWait called once with the process that has it
 * @throws the signal's reason when it aborts
 */
export async function waitForLock(
  name: string,
  onWait: (pid: number | null) => void,
  signal: AbortSignal,
): Promise<HeldLock> {
  for (let hasTold = false; ; ) {
    signal.throwIfAborted();
    const lock = await listen(addressOf(name));
    if (lock !== null) return lock;
    const holder = await visit(addressOf(name));
    if (holder === null) {
      await sleep(PAUSE_MS, signal);
      continue;
    }
    if (!hasTold) onWait(holder.pid);
    hasTold = true;
    // The connection ends when the lock does.
    await closeOf(holder.socket, signal);
  }
}

async function closeOf(socket: Socket, signal: AbortSignal): Promise<void> {
  try {
    if (!socket.closed) await once(socket, 'close', { signal });
  } catch {
    socket.destroy();
    signal.throwIfAborted();
  }
}

/** Listens at the address, telling its process to whoever connects and holding the line. `null`: taken. */
async function listen(address: string): Promise<HeldLock | null> {
  const visitors = new Set<Socket>();
  const server = createServer((socket) => {
    visitors.add(socket);
    socket.on('close', () => visitors.delete(socket));
    socket.on('error', () => undefined);
    socket.unref();
    socket.write(`${process.pid}\n`);
  });
  try {
    server.listen(address);
    await once(server, 'listening');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return null;
    throw error;
  }
  // Neither the lock nor who waits for it keeps a process up that has nothing else to do.
  server.unref();
  return {
    async [Symbol.asyncDispose]() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      for (const socket of visitors) socket.destroy();
      await closed;
    },
  };
}

interface Visit {
  readonly socket: Socket;
  readonly pid: number | null;
}

/** Asks the holder who it is. The socket stays connected for as long as the lock is held; `null`: nobody has it. */
async function visit(address: string): Promise<Visit | null> {
  const socket = connect(address);
  socket.on('error', () => undefined);
  const deadline = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
  try {
    await once(socket, 'connect', { signal: deadline });
    const [answer] = await once(socket, 'data', { signal: deadline });
    const pid = Number.parseInt(String(answer), 10);
    return { socket, pid: Number.isNaN(pid) ? null : pid };
  } catch {
    socket.destroy();
    return deadline.aborted ? { socket, pid: null } : null;
  }
}
