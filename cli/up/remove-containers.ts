import { type Engine, EngineError, listContainers, removeContainer } from '@orca/docker';

/** The label by which containers say whose they are. */
const INSTALLATION_LABEL = 'orca.installation';

/**
 * Removes the containers of an installation whose workers have all ended: those of a worker that was killed. An engine
 * that does not answer is no reason not to stop.
 */
export async function removeContainers(
  engine: Engine,
  installation: string,
  say: (line: string) => void,
): Promise<void> {
  try {
    const left = await listContainers(engine, { labels: { [INSTALLATION_LABEL]: installation } });
    await Promise.all(left.map((container) => removeContainer(engine, container.id)));
    if (left.length > 0) say(`Removed containers that were left: ${left.map(({ name }) => name).join(', ')}`);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    say(`Cannot look for containers that were left: ${error.message}`);
  }
}
