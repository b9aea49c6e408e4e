import { connectDatabase, installationId } from '@orca/database';
import { connectEngine, listContainers } from '@orca/docker';

/** The names of the containers that belong to the installation of one test database. */
export async function containersOf(databaseUrl: string): Promise<string[]> {
  await using db = await connectDatabase({ url: databaseUrl, applicationName: 'orca-e2e' });
  const engine = await connectEngine();
  const labels = { 'orca.installation': await installationId(db) };
  const containers = await listContainers(engine, { labels });
  return containers.map((container) => container.name);
}
