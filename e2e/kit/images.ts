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

/** Removes the unnamed images that carry these labels. What a container uses, or is built on, stays. */
export async function removeUnnamed(labels: Readonly<Record<string, string>>): Promise<void> {
  const engine = await connectEngine();
  for (const { id } of await listImages(engine, { labels, dangling: true })) await removeImage(engine, id);
}
