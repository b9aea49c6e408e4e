import { type Database, installationId, listKnownContainers, listLiveWorkers } from '@orca/database';
import { type Engine, listContainers } from '@orca/docker';

/** A container of this installation that nobody needs. */
export interface Orphan {
  readonly container: string;
  /** The worker or image builder that made it. */
  readonly workerId: string;
}

/**
 * Lists the containers of this installation in one engine whose worker is dead, or whose run has ended. Workers remove them
 * within a minute; one that stays longer is a fault.
 *
 * @throws {DatabaseError}, {EngineError} when one of them cannot be asked
 */
export async function findOrphans(db: Database, engine: Engine): Promise<Orphan[]> {
  const labels = { 'orca.installation': await installationId(db) };
  const containers = await listContainers(engine, { labels });
  // Asked after the containers were listed: what was made meanwhile is not in the list.
  const alive = new Set(await listLiveWorkers(db));
  const dead = new Set(
    (await listKnownContainers(db)).filter((known) => !known.alive).map(({ container }) => container),
  );
  return containers
    .map(({ name, labels: own }) => ({ container: name, workerId: own['orca.worker'] ?? '' }))
    .filter(({ container, workerId }) => dead.has(container) || !alive.has(workerId));
}
