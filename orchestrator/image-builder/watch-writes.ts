import { type Engine, listContainers } from '@orca/docker';

/** Looks at how much the commands of one build write. */
export interface WritesWatch extends Disposable {
  /** Aborts when they have written too much; its reason is a {@link WritesExceeded}. */
  readonly exceeded: AbortSignal;
  /** The build says that it runs a command in this container. */
  expect(containerId: string): void;
}

/** The commands of a build wrote too much: the message is a clause about "it". */
export class WritesExceeded extends Error {
  override readonly name = 'WritesExceeded';
}

const LOOK_MS = 2_000;
/** A Dockerfile has at most 500 instructions; more are pretended. */
const CONTAINERS_MAX = 1_024;
/** All commands of a build may write so many times what an image may have: what earlier stages write, none keeps. */
const BUILD_FACTOR = 4;
const MIB = 1024 * 1024;

/**
 * Watches how much the commands of a build write to the engine's disk, which has no limit of its own for that.
 *
 * A container is looked at as long as it is there, also when its command has ended: the engine then makes a layer of what
 * it wrote, and where it wrote files with holes (`truncate`) fills these in, which takes the most room of all. Engines
 * with Docker's own image store count holes as they will be filled in; those with containerd's do not.
 *
 * The build's output says which containers are its own. A command may pretend to more of them, and then answers for what
 * others write; it cannot hide its own.
 *
 * @param bytesMax for each command; all together may write four times as much
 * @param lookMs how often it looks
 */
export function watchWrites(engine: Engine, bytesMax: number, lookMs = LOOK_MS): WritesWatch {
  const own = new Set<string>();
  /** By container, as it was seen last: what its command had removed by then, no layer has. */
  const written = new Map<string, number>();
  const controller = new AbortController();
  const over = new AbortController();
  const look = async (): Promise<void> => {
    if (own.size === 0) return;
    for (const { id, sizeRwBytes } of await listContainers(engine, { id: [...own], size: true }))
      written.set(id, sizeRwBytes ?? written.get(id) ?? 0);
    const problem = findProblem([...written.values()], bytesMax);
    if (problem !== null) controller.abort(new WritesExceeded(problem));
  };
  const watch = async (): Promise<void> => {
    while (!over.signal.aborted && !controller.signal.aborted) {
      await new Promise<void>((resolve) => setTimeout(resolve, lookMs).unref());
      // An engine that does not answer now will fail the build itself.
      if (!over.signal.aborted) await look().catch(() => undefined);
    }
  };
  void watch();
  return {
    exceeded: controller.signal,
    expect(containerId) {
      own.add(containerId);
      if (own.size > CONTAINERS_MAX)
        controller.abort(new WritesExceeded(`it told of more than ${CONTAINERS_MAX} containers`));
    },
    [Symbol.dispose]: () => over.abort(),
  };
}

function findProblem(written: readonly number[], bytesMax: number): string | null {
  if (written.some((bytes) => bytes > bytesMax)) return `it wrote more than ${mib(bytesMax)}`;
  const all = written.reduce((sum, bytes) => sum + bytes, 0);
  const allMax = BUILD_FACTOR * bytesMax;
  return all > allMax ? `its commands wrote more than ${mib(allMax)} together` : null;
}

function mib(bytes: number): string {
  return `${Math.round(bytes / MIB)} MiB`;
}
