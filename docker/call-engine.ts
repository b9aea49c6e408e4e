import type { IncomingMessage, RequestOptions } from 'node:http';
import { request } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import { type EngineAddress, showAddress } from './engine-address.ts';
import { EngineError } from './engine-error.ts';

/** An engine that has answered: where it is, and the version of the API that both sides speak. */
export interface Engine {
  readonly address: EngineAddress;
  /** Such as `1.41`; empty while it is being found out. */
  readonly apiVersion: string;
}

/** One request of the Engine API. */
export interface EngineCall {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'DELETE';
  /** Without the version, its variable parts encoded: `/containers/create`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** JSON, or a stream of a tar archive. */
  readonly body?: { readonly json: unknown } | { readonly tar: Readable };
  /** How long the engine may take to answer, and with `callEngine` to answer in full; `null` for no limit. */
  readonly timeoutMs: number | null;
}

/** Longest answer that is read whole; the list of a thousand containers is some 3 MiB. */
export const ANSWER_BYTES_MAX = 64 * 1024 * 1024;

/** Longest part of a refusal that is repeated in an error. */
const REFUSAL_CHARACTERS_MAX = 2_000;

/**
 * Makes one call and reads its answer whole.
 *
 * @returns the JSON of the answer, `null` for an empty one
 * @throws {EngineError} as {@link EngineErrorCode} says
 * @throws the signal's reason when it aborts
 */
export async function callEngine(engine: Engine, call: EngineCall, signal?: AbortSignal): Promise<unknown> {
  const limits = limitTime(call, signal);
  const answer = await open(engine, call, limits);
  try {
    const text = await readWhole(answer);
    return text === '' ? null : JSON.parse(text);
  } catch (error) {
    throw explain(error, engine, call, limits);
  }
}

/**
 * Makes one call and hands out its answer as it comes. Its `timeoutMs` ends with the answer's headers; the signal holds
 * for the whole answer.
 *
 * @throws {EngineError} as {@link EngineErrorCode} says
 * @throws what the stream of its body fails with
 */
export async function streamFromEngine(
  engine: Engine,
  call: EngineCall,
  signal?: AbortSignal,
): Promise<IncomingMessage> {
  const limits = limitTime(call, signal);
  const answer = await open(engine, call, limits);
  limits.timeOff();
  return answer;
}

/**
 * Makes one call that turns its connection into a raw one (`Upgrade: tcp`).
 *
 * @returns the connection, with what had come already put back
 * @throws {EngineError} as {@link EngineErrorCode} says
 */
export async function upgradeCall(engine: Engine, call: EngineCall, signal?: AbortSignal): Promise<Socket> {
  const limits = limitTime(call, signal);
  return new Promise((resolve, reject) => {
    const sent = request(requestOptions(engine, call, { Connection: 'Upgrade', Upgrade: 'tcp' }));
    const abort = (): void => void sent.destroy(new Error('aborted'));
    const settle = (): void => {
      limits.timeOff();
      limits.signal.removeEventListener('abort', abort);
    };
    limits.signal.addEventListener('abort', abort);
    if (limits.signal.aborted) abort();
    sent.on('upgrade', (_answer, socket: Socket, head: Buffer) => {
      settle();
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    sent.on('response', (answer) => {
      readWhole(answer)
        .then(
          (text) => reject(refusal(engine, call, answer, text)),
          (error) => reject(explain(error, engine, call, limits)),
        )
        .finally(settle);
    });
    sent.on('error', (error) => {
      settle();
      reject(explain(error, engine, call, limits));
    });
    sent.end();
  });
}

interface TimeLimits {
  /** Aborts at the time-out and with the caller's signal. */
  readonly signal: AbortSignal;
  readonly caller: AbortSignal | undefined;
  readonly isTimedOut: () => boolean;
  readonly timeOff: () => void;
}

function limitTime(call: EngineCall, caller: AbortSignal | undefined): TimeLimits {
  caller?.throwIfAborted();
  const clock = new AbortController();
  const timer = call.timeoutMs === null ? undefined : setTimeout(() => clock.abort(), call.timeoutMs);
  const signal = caller === undefined ? clock.signal : AbortSignal.any([caller, clock.signal]);
  return {
    signal,
    caller,
    isTimedOut: () => clock.signal.aborted,
    timeOff: () => clearTimeout(timer),
  };
}

function requestOptions(
  engine: Engine,
  call: EngineCall,
  headers: Record<string, string> = {},
): RequestOptions {
  const version = engine.apiVersion === '' ? '' : `/v${engine.apiVersion}`;
  const query = call.query === undefined ? '' : `?${new URLSearchParams(call.query)}`;
  const { address } = engine;
  return {
    ...(address.kind === 'unix' ? { socketPath: address.path } : { host: address.host, port: address.port }),
    method: call.method,
    path: `${version}${call.path}${query}`,
    // A connection per call: one that an engine's restart has cut is never met again.
    agent: false,
    headers: { Host: 'docker', ...headers },
  };
}

/** Sends the call; resolves with the headers of a good answer, rejects with those of a bad one. */
function open(engine: Engine, call: EngineCall, limits: TimeLimits): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = { ...requestOptions(engine, call), signal: limits.signal };
    const fail = (error: unknown): void => {
      limits.timeOff();
      reject(explain(error, engine, call, limits));
    };
    const sent = request(options, (answer) => {
      answer.on('close', limits.timeOff);
      if ((answer.statusCode ?? 0) < 400) return resolve(answer);
      readWhole(answer).then((text) => reject(refusal(engine, call, answer, text)), fail);
    });
    sent.on('error', fail);
    if (call.body === undefined) return void sent.end();
    if ('json' in call.body) {
      sent.setHeader('Content-Type', 'application/json');
      return void sent.end(JSON.stringify(call.body.json));
    }
    sent.setHeader('Content-Type', 'application/x-tar');
    const { tar } = call.body;
    // Whichever fails first destroys the other: what the archive's reader threw is no word about the engine.
    tar.once('error', (error) => {
      if (sent.errored !== null) return;
      limits.timeOff();
      reject(limits.caller?.aborted ? limits.caller.reason : error);
    });
    // Its errors come out of `sent` too, unless the engine has answered and hung up before it had read all.
    pipeline(tar, sent, () => undefined);
  });
}

async function readWhole(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer) {
    if (!Buffer.isBuffer(chunk)) continue;
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) throw new Error(`the answer is longer than ${ANSWER_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function refusal(engine: Engine, call: EngineCall, answer: IncomingMessage, text: string): EngineError {
  const status = answer.statusCode ?? 0;
  const reason = messageOf(text).slice(0, REFUSAL_CHARACTERS_MAX);
  return new EngineError(
    'engine_refused',
    `Cannot ${call.method} "${call.path}" of the engine at ${showAddress(engine.address)}: ` +
      `it answered ${status}, ${reason}`,
    { status, reason },
  );
}

/** Engines refuse with `{"message": "…"}`; proxies in front of them with anything. */
function messageOf(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && 'message' in value) return String(value.message);
  } catch {
    // Not JSON: the text itself is all there is to say.
  }
  return text.trim() || 'without a message';
}

function explain(error: unknown, engine: Engine, call: EngineCall, limits: TimeLimits): unknown {
  if (error instanceof EngineError) return error;
  const what = `Cannot ${call.method} "${call.path}" of the engine at ${showAddress(engine.address)}`;
  if (limits.caller?.aborted) return limits.caller.reason;
  if (limits.isTimedOut()) {
    return new EngineError('engine_timeout', `${what}: no answer within ${call.timeoutMs} ms`);
  }
  if (error instanceof SyntaxError) {
    return new EngineError('engine_answer_invalid', `${what}: the answer is not JSON`, { cause: error });
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new EngineError('engine_unreachable', `${what}: ${reason}`, { cause: error });
}
