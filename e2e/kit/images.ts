import { connectDatabase, installationId } from '@orca/database';
import { connectEngine, listImages, removeImage } from '@orca/docker';

/** The names that the engine has for the grader images of one test database's installation. */
export async function imagesOf(databaseUrl: string): Promise<string[]> {
  await using db = await connectDatabase({ url: databaseUrl, applicationName: 'orca-e2e' });
  const labels = { 'orca.image.installation': await installationId(db) };
  return (await listImages(await connectEngine(), { labels })).flatMap(({ id, tags }) =>
    tags.length > 0 ? tags : [id],
  );
}

/** Removes the grader images of one test database's installation from the engine. */
export async function removeImagesOf(databaseUrl: string): Promise<void> {
  const engine = await connectEngine();
  for (const name of await imagesOf(databaseUrl)) await removeImage(engine, name);
}
