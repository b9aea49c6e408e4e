import { type FSWatcher, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/** Eyes on files and folders. */
export interface PathWatch extends Disposable {
  /** Resolves at the first change, a moment later: editors write in several steps. */
  readonly changed: Promise<void>;
}

const SETTLE_MS = 150;

/**
 * Watches files, also those that are replaced, or are not there yet in a folder that is, and folders with all that is
 * in them.
 */
export function watchPaths(paths: readonly string[]): PathWatch {
  const { promise, resolve } = Promise.withResolvers<void>();
  const watchers: FSWatcher[] = [];
  let timer: NodeJS.Timeout | undefined;
  const onChange = (): void => {
    clearTimeout(timer);
    timer = setTimeout(resolve, SETTLE_MS);
  };
  const watchOne = (path: string): void => {
    const stats = statSync(path, { throwIfNoEntry: false });
    // The folder of a file is watched: an editor that saves puts another file in its place.
    const watcher = stats?.isDirectory()
      ? watch(path, { recursive: true }, onChange)
      : watch(dirname(path), (_kind, name) => {
          if (name === null || name === basename(path)) onChange();
        });
    // What vanishes while it is watched has changed.
    watcher.on('error', onChange);
    watchers.push(watcher);
  };
  for (const path of new Set(paths)) {
    try {
      watchOne(path);
    } catch {
      // Not even its folder is there: a change of the job will tell.
    }
  }
  return {
    changed: promise,
    [Symbol.dispose]() {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}
