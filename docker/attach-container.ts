import type { Readable, Writable } from 'node:stream';
import { type Engine, upgradeCall } from './call-engine.ts';
import { demultiplex, type OutputPiece } from './demultiplex.ts';

/** The three standard streams of a container without a terminal. */
export interface Attachment extends Disposable {
  /** Its stdin. Ending or destroying it closes the container's, when that was created with `StdinOnce`. */
  readonly stdin: Writable;
  /**
   * What it prints, until it ends. Read once; leaving the loop early closes the connection. A connection that breaks
   * ends the loop like a container that ends: ask the engine which it was.
   */
  readonly output: AsyncGenerator<OutputPiece>;
}

const ATTACH_TIMEOUT_MS = 10_000;
/** A container may say nothing for long: over TCP, a connection that broke silently is found out by asking. */
const KEEP_ALIVE_MS = 15_000;

/**
 * Attaches to a container, before it is started: then nothing that it prints is missed.
 *
 * @returns its streams; disposing of them closes the connection
 * @throws {EngineError}
 */
export async function attachContainer(engine: Engine, id: string, signal?: AbortSignal): Promise<Attachment> {
  const socket = await upgradeCall(
    engine,
    {
      method: 'POST',
      path: `/containers/${encodeURIComponent(id)}/attach`,
      query: { stream: '1', stdin: '1', stdout: '1', stderr: '1' },
      timeoutMs: ATTACH_TIMEOUT_MS,
    },
    signal,
  );
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  // Writers learn of a broken connection from their own callbacks, the reader from the end of its loop.
  socket.on('error', () => undefined);
  return {
    stdin: socket,
    output: demultiplex(readChunks(socket)),
    [Symbol.dispose]() {
      socket.destroy();
    },
  };
}

async function* readChunks(socket: Readable): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of socket) if (Buffer.isBuffer(chunk)) yield chunk;
  } catch {
    // Reset by the engine or destroyed by us: to the reader that is the end.
  }
}
