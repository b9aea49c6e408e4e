import { CHANNELS, listenTo } from '@orca/database';

const DEADLINE_MS = 30_000;

/**
 * Listens as an image builder does.
 *
 * @param databaseUrl of the test's database
 * @returns `heard` resolves when the builders were told, from now on, that there is something to build
 */
export async function hearImages(databaseUrl: string): Promise<AsyncDisposable & { heard: Promise<void> }> {
  const stopping = new AbortController();
  const connected = Promise.withResolvers<void>();
  const woken = Promise.withResolvers<void>();
  const listening = listenTo(
    databaseUrl,
    [CHANNELS.images],
    { onNotification: () => woken.resolve(), onConnected: connected.resolve },
    stopping.signal,
  );
  const late = setTimeout(() => woken.reject(new Error('no builder was told')), DEADLINE_MS);
  await connected.promise;
  return {
    heard: woken.promise.finally(() => clearTimeout(late)),
    async [Symbol.asyncDispose]() {
      clearTimeout(late);
      stopping.abort();
      await listening;
    },
  };
}
