import type { LookupFunction } from 'node:net';
import { Client, type Dispatcher } from 'undici';
import { type Address, checkedAddresses } from './checked-addresses.ts';
import type { Outbound } from './outbound.ts';
import { TimeLimitError } from './watch-time.ts';

/** One HTTP request. `connectMs` limits name resolution and connection (TLS included) together. */
export type Exchange = {
  url: URL;
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  body?: string;
  connectMs: number;
};

/** A body that is yet to be read; disposing of it closes the connection. */
export type Answer = AsyncDisposable & {
  status: number;
  headers: Dispatcher.ResponseData['headers'];
  body: Dispatcher.ResponseData['body'];
};

/**
 * Sends one request over a connection of its own to an address that the policy allows.
 *
 * The name is resolved once, every address checked, and the connection pinned to those addresses while TLS and the
 * `Host` header keep the name: a name server cannot change its mind in between. Connections are not kept: one that
 * the other side closed meanwhile would cost a delivery one of its tries. No proxy, no redirects, no HTTP/2.
 *
 * @throws {RefusedError} when the policy refuses it: nothing was sent
 * @throws errors of `node:net`, `node:tls` and undici, and the signal's reason
 */
export async function exchange(request: Exchange, outbound: Outbound, signal: AbortSignal): Promise<Answer> {
  const { url, method, headers, body = null, connectMs } = request;
  const startedAt = performance.now();
  const resolve = () => checkedAddresses(url, outbound.policy, outbound.resolve);
  const addresses = await within(resolve, connectMs, signal);
  const restMs = Math.max(1, Math.ceil(connectMs - (performance.now() - startedAt)));
  const client = new Client(url.origin, {
    connect: {
      lookup: pinnedTo(addresses),
      timeout: restMs,
      autoSelectFamily: addresses.length > 1,
      autoSelectFamilyAttemptTimeout: Math.max(250, Math.floor(restMs / addresses.length)),
    },
    pipelining: 0,
    allowH2: false,
    headersTimeout: 0, // the caller's signal carries the time limits
    bodyTimeout: 0,
  });
  try {
    const sent = { 'user-agent': outbound.userAgent, 'accept-encoding': 'identity', ...headers };
    const path = `${url.pathname}${url.search}`;
    const answer = await client.request({ method, path, headers: sent, body, signal });
    const { statusCode: status, headers: answerHeaders, body: answerBody } = answer;
    // An abort after the last read would otherwise be an error that nobody hears.
    answerBody.on('error', () => {});
    return {
      status,
      headers: answerHeaders,
      body: answerBody,
      async [Symbol.asyncDispose]() {
        // A body that nobody has read to its end listens to the signal, which keeps both, and the connection's memory.
        answerBody.destroy();
        await client.destroy();
      },
    };
  } catch (error) {
    await client.destroy();
    throw error;
  }
}

function pinnedTo(addresses: [Address, ...Address[]]): LookupFunction {
  return (_hostname, options, callback) => {
    if (options.all === true) callback(null, addresses);
    else callback(null, addresses[0].address, addresses[0].family);
  };
}

/**
 * A name server may never answer, and a lookup cannot be called off: it is left behind. It is begun only once somebody
 * will hear of it: a rejection that nobody hears ends the process.
 */
async function within<T>(begin: () => Promise<T>, ms: number, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(
    () => reject(new TimeLimitError('the host name could not be resolved in time')),
    ms,
  );
  try {
    return await Promise.race([begin(), ended]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

/** A header's first value; `undefined` when it is absent. */
export function oneHeader(answer: Pick<Answer, 'headers'>, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
