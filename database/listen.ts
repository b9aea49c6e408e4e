import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { connectionSettings } from './connection-settings.ts';
import { createOpenSockets } from './open-sockets.ts';
import { withoutPrismaParameters } from './postgres-url.ts';

/** The channels on which processes wake each other. */
export const CHANNELS = {
  /** Work is due, or will be soon: a worker looks. */
  jobs: 'orca_jobs',
  /** There is something to POST: a server looks. */
  deliveries: 'orca_deliveries',
  /** A run must stop; the payload is the job's id: its worker looks at its lease. */
  runs: 'orca_runs',
  /** There is an image to build: a builder looks. */
  images: 'orca_images',
} as const;

/** One of {@link CHANNELS}. */
export type Channel = (typeof CHANNELS)[keyof typeof CHANNELS];

/** Who is told of what. */
export type Listener = {
  onNotification(channel: string, payload: string): void;
  /** After each connect: what was sent while the connection was away is lost, so it is time to look. */
  onConnected(): void;
};

const RECONNECT_MS_MIN = 250;
const RECONNECT_MS_MAX = 5_000;
/** A dead connection is silent: it is asked so often whether it still lives. */
const PING_MS = 10_000;

/**
 * Listens on channels until the signal aborts. A lost connection is made again by itself, without end.
 *
 * Notifications are a hint and may be lost: whoever waits for one also looks by itself from time to time.
 *
 * @returns when the signal aborts
 * @throws {TypeError} when the URL is none
 */
export async function listenTo(
  url: string,
  channels: readonly Channel[],
  listener: Listener,
  signal: AbortSignal,
): Promise<void> {
  const settings = connectionSettings(withoutPrismaParameters(url), `orca listen ${channels.join(' ')}`);
  let waitMs = RECONNECT_MS_MIN;
  while (!signal.aborted) {
    const hadConnected = await listenOnce(settings, channels, listener, signal);
    waitMs = hadConnected ? RECONNECT_MS_MIN : Math.min(RECONNECT_MS_MAX, waitMs * 2);
    await delay(waitMs, undefined, { signal }).catch(() => undefined);
  }
}

/** @returns whether it was connected before the connection was lost or the signal aborted */
async function listenOnce(
  settings: pg.ClientConfig,
  channels: readonly Channel[],
  listener: Listener,
  signal: AbortSignal,
): Promise<boolean> {
  const sockets = createOpenSockets();
  const client = new pg.Client({ ...settings, stream: sockets.open });
  const over = Promise.withResolvers<void>();
  client.on('error', () => over.resolve());
  client.on('end', () => over.resolve());
  client.on('notification', ({ channel, payload }) => listener.onNotification(channel, payload ?? ''));
  const stop = () => over.resolve();
  signal.addEventListener('abort', stop, { once: true });
  let ping: NodeJS.Timeout | undefined;
  try {
    await client.connect();
    for (const channel of channels) await client.query(`listen ${client.escapeIdentifier(channel)}`);
    listener.onConnected();
    ping = setInterval(() => client.query('select').catch(() => over.resolve()), PING_MS);
    await over.promise;
    return true;
  } catch {
    return false;
  } finally {
    clearInterval(ping);
    signal.removeEventListener('abort', stop);
    await sockets.endInOrder(client.end()).catch(() => undefined);
  }
}
