import type { Logger } from '@orca/daemon';
import {
  type Database,
  forgetPrunedArchives,
  type ImageRetention,
  isDatabaseAway,
  type LifeWatch,
  listArchives,
  listUnsettledImages,
  notifyImages,
  pruneBuilds,
  pruneImages,
  watchLives,
} from '@orca/database';
import type { ImageStore } from './image-store.ts';
import { settle } from './run-build.ts';

/** What the chores of a builder need. */
export interface ChoreDeps {
  readonly db: Database;
  readonly store: ImageStore;
  readonly retention: ImageRetention;
  /** Removes containers of this installation that nobody needs; returns how many. */
  readonly removeOrphans: (
    isAlive: (container: { readonly workerId: string }) => Promise<boolean>,
  ) => Promise<number>;
  /** Removes grader images from the builder's engine that are not needed. */
  readonly sweepEngine: () => Promise<{ removed: string[]; strays: number }>;
  /** Removes from it what builds have fetched from registries and none begins with any more; returns the references. */
  readonly sweepPulled: () => Promise<string[]>;
  readonly log: Logger;
}

const BUILD_HISTORY_SECONDS = 90 * 86_400;

/**
 * Makes one turn of what a builder does beside its builds, now and then: lets jobs go whose builder died at the wrong moment, prunes images,
 * and removes what nobody needs from the store and the engine. Each is safe beside other builders that do it too, and each
 * fails by itself: what failed is logged, once until it succeeds, and is done the next time.
 *
 * @returns does it once; a worker loses its containers only when it was silent in the turn before, too
 */
export function createChores(deps: ChoreDeps): () => Promise<void> {
  const lives = watchLives(deps.db);
  /** The chores that failed the last time: it is said once. */
  const failing = new Set<string>();
  const chores: readonly [chore: string, act: () => Promise<void>][] = [
    ['settle held jobs', () => settleImages(deps)],
    ['prune images', () => prune(deps)],
    ['prune builds', () => forgetBuilds(deps)],
    ['sweep the store', () => sweepStore(deps)],
    ['remove containers', () => removeContainers(deps, lives)],
    ['sweep the engine', () => sweepEngine(deps)],
    ['sweep what was fetched', () => sweepPulled(deps)],
  ];
  return async () => {
    for (const [chore, act] of chores) {
      try {
        await act();
        failing.delete(chore);
      } catch (err) {
        // While it was away, nobody could give a sign of life.
        if (isDatabaseAway(err)) lives.forget();
        if (!failing.has(chore))
          deps.log.warn({ chore, err }, 'a chore of the image builder failed, it is tried again');
        failing.add(chore);
      }
    }
  };
}

async function settleImages({ db, log }: ChoreDeps): Promise<void> {
  for (const sha of await listUnsettledImages(db)) await settle(sha, { db, log: log.child({ sha }) });
}

async function prune({ db, retention, log }: ChoreDeps): Promise<void> {
  const pruned = await pruneImages(db, retention);
  const { requeued, forgotten } = await forgetPrunedArchives(db);
  if (requeued.length > 0) await notifyImages(db);
  if (pruned.length + forgotten.length > 0) log.info({ pruned, forgotten, requeued }, 'images pruned');
}

async function forgetBuilds({ db, log }: ChoreDeps): Promise<void> {
  const builds = await pruneBuilds(db, BUILD_HISTORY_SECONDS);
  if (builds > 0) log.info({ builds }, 'old builds removed');
}

async function sweepStore({ db, store, log }: ChoreDeps): Promise<void> {
  // Asked before the files are listed: an archive is named after it was saved.
  const named = await listArchives(db);
  const files = await store.sweep((sha256) => named.has(sha256));
  if (files > 0) log.info({ files }, 'nobody’s archives removed');
}

/** Removes the containers of those who were silent in the turn before, too. */
async function removeContainers({ removeOrphans, log }: ChoreDeps, lives: LifeWatch): Promise<void> {
  const containers = await lives.look((isAlive) => removeOrphans(({ workerId }) => isAlive(workerId)));
  if (containers > 0) log.info({ containers }, 'containers removed that nobody uses');
}

async function sweepEngine(deps: ChoreDeps): Promise<void> {
  const { removed, strays } = await deps.sweepEngine();
  if (removed.length + strays > 0)
    deps.log.info({ removed, strays }, 'grader images removed from the engine');
}

async function sweepPulled(deps: ChoreDeps): Promise<void> {
  const images = await deps.sweepPulled();
  if (images.length > 0) deps.log.info({ images }, 'images of registries removed from the engine');
}
