import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A way to a database that can be cut, silenced and mended. */
export type CutProxy = AsyncDisposable & {
  /** The database's URL, through the proxy. */
  url: string;
  /** Cuts all connections and refuses new ones. */
  cut(): void;
  /** A dead network: connections stay open and new ones are accepted, and nothing passes any more. */
  silence(): void;
  /** The next bytes of a program that hold `text` still reach the database, then all connections are cut, once. */
  cutAfterSending(text: string): void;
  /** After so many bytes of the database's next answers all connections are cut, once: in the middle of an answer. */
  cutAfterReceiving(bytes: number): void;
  /** All is well again, for new connections. */
  mend(): void;
};

type Fault =
  | { kind: 'none' | 'cut' | 'silent' }
  | { kind: 'after_sending'; text: string }
  | { kind: 'after_receiving'; bytes: number };

const POSTGRES_PORT = 5432;
const NO_FAULT: Fault = { kind: 'none' };
/** Bytes on their way to a server that is still to have them get this long before the cut. */
const LAST_BYTES_MS = 50;

/** What of the bytes passes, both ways, and what happens then; `cutAll` ends the connections. */
function createLine(cutAll: () => void) {
  let fault: Fault = NO_FAULT;
  const cutOnce = (): void => {
    fault = NO_FAULT;
    cutAll();
  };
  return {
    isCut: () => fault.kind === 'cut',
    set: (next: Fault) => {
      fault = next;
    },
    send(chunk: Buffer, far: Socket): void {
      if (fault.kind === 'silent') return;
      far.write(chunk);
      if (fault.kind !== 'after_sending' || !chunk.includes(fault.text)) return;
      fault = { kind: 'silent' }; // nothing of the answer comes back
      setTimeout(cutOnce, LAST_BYTES_MS);
    },
    receive(chunk: Buffer, near: Socket): void {
      if (fault.kind === 'silent') return;
      if (fault.kind !== 'after_receiving') return void near.write(chunk);
      const passed = chunk.subarray(0, fault.bytes);
      fault = { ...fault, bytes: fault.bytes - passed.length };
      if (fault.bytes > 0) near.write(passed);
      else near.write(passed, cutOnce);
    },
  };
}

/** Stands between a program and the database that `databaseUrl` names. */
export async function startCutProxy(databaseUrl: string): Promise<CutProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const cutAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const line = createLine(cutAll);
  const server = createServer((near) => {
    if (line.isCut()) return void near.destroy();
    const far = connect({ host: target.hostname, port: Number(target.port || POSTGRES_PORT) });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {}); // a cut is what this is for
      socket.on('close', () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.on('data', (chunk) => line.send(chunk, far));
    far.on('data', (chunk) => line.receive(chunk, near));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String(bound !== null && typeof bound === 'object' ? bound.port : 0);
  return {
    url: url.href,
    cut() {
      line.set({ kind: 'cut' });
      cutAll();
    },
    silence: () => line.set({ kind: 'silent' }),
    cutAfterSending: (text) => line.set({ kind: 'after_sending', text }),
    cutAfterReceiving: (bytes) => line.set({ kind: 'after_receiving', bytes }),
    mend: () => line.set(NO_FAULT),
    async [Symbol.asyncDispose]() {
      cutAll();
      server.close();
      await once(server, 'close');
    },
  };
}
