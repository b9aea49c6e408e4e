import { type Engine, listContainers, removeContainer } from '@orca/docker';
import type { KnownContainer } from './sandbox.ts';

/** Whose containers these are: a UUID of the installation's database. */
export const INSTALLATION_LABEL = 'orca.installation';

/** Which worker made it. */
export const WORKER_LABEL = 'orca.worker';

/**
 * Removes the containers of an installation that nobody needs any more, on one engine. Those of other installations are
 * not even looked at.
 *
 * @param isAlive whether somebody needs it; asked after they were listed, so that who begins meanwhile loses none
 * @returns how many were removed
 * @throws {EngineError} when the engine does not list them, or does not remove one; the others are removed all the same
 */
export async function removeOrphans(
  engine: Engine,
  installationId: string,
  isAlive: (container: KnownContainer) => boolean | Promise<boolean>,
): Promise<number> {
  const listed = await listContainers(engine, { labels: { [INSTALLATION_LABEL]: installationId } });
  const alive = await Promise.all(
    listed.map(({ name, labels }) => isAlive({ name, workerId: labels[WORKER_LABEL] ?? '' })),
  );
  const orphans = listed.filter((_, index) => alive[index] === false);
  const removals = await Promise.allSettled(orphans.map(({ id }) => removeContainer(engine, id)));
  for (const removal of removals) if (removal.status === 'rejected') throw removal.reason;
  return removals.length;
}
