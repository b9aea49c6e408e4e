import type { Logger } from '@orca/daemon';
import {
  type Database,
  forgetPrunedArchives,
  type ImageRetention,
  listArchives,
  listLiveWorkers,
  listUnsettledImages,
  notifyImages,
  pruneBuilds,
  pruneImages,
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
  readonly log: Logger;
}

const BUILD_HISTORY_SECONDS = 90 * 86_400;

/**
 * What a builder does beside its builds, now and then: lets jobs go whose builder died at the wrong moment, prunes images,
 * and removes what nobody needs from the store and the engine. Each is safe beside other builders that do it too.
 *
 * @throws {DatabaseError}, {EngineError}: the rest is done the next time
 */
export async function doChores(deps: ChoreDeps): Promise<void> {
  const { db, store, log } = deps;
  for (const sha of await listUnsettledImages(db)) await settle(sha, { db, log: log.child({ sha }) });

  const pruned = await pruneImages(db, deps.retention);
  const { requeued, forgotten } = await forgetPrunedArchives(db);
  if (requeued.length > 0) await notifyImages(db);
  if (pruned.length + forgotten.length > 0) log.info({ pruned, forgotten, requeued }, 'images pruned');
  const builds = await pruneBuilds(db, BUILD_HISTORY_SECONDS);
  // Asked before the files are listed: an archive is named after it was saved.
  const named = await listArchives(db);
  const files = await store.sweep((sha256) => named.has(sha256));
  if (files + builds > 0) log.info({ files, builds }, 'old builds and nobody’s archives removed');

  let asked: Promise<readonly string[]> | null = null;
  const containers = await deps.removeOrphans(async ({ workerId }) => {
    // When they have been listed: who began meanwhile is among them.
    asked ??= listLiveWorkers(db);
    return (await asked).includes(workerId);
  });
  if (containers > 0) log.info({ containers }, 'containers removed that nobody uses');
  const { removed, strays } = await deps.sweepEngine();
  if (removed.length + strays > 0) log.info({ removed, strays }, 'grader images removed from the engine');
}
