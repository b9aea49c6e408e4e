import { connectDatabase, installationId, listKnownContainers } from '@orca/database';
import { connectEngine, listContainers } from '@orca/docker';

/** The names of the containers in which jobs of one test database run now, without those that wait for a job. */
export async function containersOfRuns(databaseUrl: string): Promise<string[]> {
  await using db = await connectDatabase({ url: databaseUrl, applicationName: 'orca-e2e' });
  return (await listKnownContainers(db)).map(({ container }) => container);
}

/** The names of all containers that belong to the installation of one test database. */
export async function containersOf(databaseUrl: string): Promise<string[]> {
  await using db = await connectDatabase({ url: databaseUrl, applicationName: 'orca-e2e' });
  const engine = await connectEngine();
  const labels = { 'orca.installation': await installationId(db) };
  const containers = await listContainers(engine, { labels });
  return containers.map((container) => container.name);
}
