import { type Engine, inspectImage, isRefusal, removeImage } from '@orca/docker';

/**
 * Removes what a build left that did not come to its end: its last layer, and with it the unnamed ones below. Which one
 * that is stands in the build's own output, where a command may print the id of another image: only one without a name is
 * removed, and never one that something needs.
 */
export async function removeLayers(engine: Engine, id: string): Promise<void> {
  try {
    const image = await inspectImage(engine, id);
    if (image !== null && image.tags.length === 0) await removeImage(engine, image.id);
  } catch (error) {
    // In use, or gone: the sweep removes what is old and unnamed.
    if (!isRefusal(error)) throw error;
  }
}
