import { type Engine, listContainers } from '@orca/docker';

/** Looks at how much the commands of one build write. */
export interface WritesWatch extends Disposable {
  /** Aborts when one has written too much. */
  readonly exceeded: AbortSignal;
  /** The build says that it runs a command in this container. */
  expect(containerId: string): void;
}

const LOOK_MS = 2_000;
/** A Dockerfile of 64 KiB has fewer commands; more are pretended. */
const CONTAINERS_MAX = 16_384;

/**
 * Watches how much the commands of a build write to the engine's disk, which has no limit of its own for that.
 *
 * The build's output says which containers are its own. A command may pretend to more of them, and then answers for what
 * others write; it cannot hide its own.
 *
 * @param bytesMax for each command
 */
export function watchWrites(engine: Engine, bytesMax: number): WritesWatch {
  const own = new Set<string>();
  const controller = new AbortController();
  const over = new AbortController();
  const look = async (): Promise<void> => {
    if (own.size === 0) return;
    const containers = await listContainers(engine, { running: true, size: true });
    const isOwn = (id: string): boolean => [...own].some((prefix) => id.startsWith(prefix));
    const large = containers.filter(({ sizeRwBytes }) => (sizeRwBytes ?? 0) > bytesMax);
    if (large.some(({ id }) => isOwn(id))) controller.abort();
  };
  const watch = async (): Promise<void> => {
    while (!over.signal.aborted && !controller.signal.aborted) {
      await new Promise<void>((resolve) => setTimeout(resolve, LOOK_MS).unref());
      // An engine that does not answer now will fail the build itself.
      if (!over.signal.aborted) await look().catch(() => undefined);
    }
  };
  void watch();
  return {
    exceeded: controller.signal,
    expect(containerId) {
      own.add(containerId);
      if (own.size > CONTAINERS_MAX) controller.abort();
    },
    [Symbol.dispose]: () => over.abort(),
  };
}
