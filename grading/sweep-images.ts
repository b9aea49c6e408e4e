import { type Engine, inspectImage, type ListedImage, listImages, removeImage } from '@orca/docker';
import { chooseImages, type EngineRetention } from './choose-images.ts';

/** The labels that a grader image is built with: whose it is, and the SHA-256 of its Dockerfile. */
export const IMAGE_INSTALLATION_LABEL = 'orca.image.installation';
export const IMAGE_SHA_LABEL = 'orca.image.sha';

/** What a sweep of an engine's images needs. */
export interface ImageSweepDeps {
  readonly engine: Engine;
  readonly installationId: string;
  readonly retention: EngineRetention;
  /** When jobs last ran in images; those that are not known are left out. */
  readonly lastUses: (shas: readonly string[]) => Promise<readonly { sha: string; lastUsedAt: Date }[]>;
  /** How old an unnamed layer has to be, in milliseconds: no build that is under way may have made it. */
  readonly strayMs: number;
  /** Which of these a job needs that is not finished. */
  readonly needed: (shas: readonly string[]) => Promise<ReadonlySet<string>>;
}

const BASE_IMAGE = 'orca-grader-base:latest';

/**
 * Removes grader images of this installation that were not used for long, or are too much together; and what builds left
 * unnamed that died. One that a container uses or a job needs stays, and so does everybody else's.
 *
 * @param signal looked at before each removal: once it has aborted, there is no further one
 * @returns the SHA-256s of those that were removed, and how many unnamed ones
 * @throws {EngineError}
 */
export async function sweepImages(
  deps: ImageSweepDeps,
  signal?: AbortSignal,
): Promise<{ removed: string[]; strays: number }> {
  const { engine, installationId } = deps;
  const own = await listImages(engine, { labels: { [IMAGE_INSTALLATION_LABEL]: installationId } });
  const bySha = Map.groupBy(own, ({ labels }) => labels[IMAGE_SHA_LABEL] ?? '');
  const removed: string[] = [];
  for (const sha of await choose(bySha, deps)) {
    if (signal?.aborted) break;
    const images = bySha.get(sha) ?? [];
    const outcomes = await Promise.all(images.map((image) => removeWithNames(engine, image)));
    if (!outcomes.includes(false)) removed.push(sha);
  }
  return { removed, strays: await removeStrays(deps, signal) };
}

async function choose(
  bySha: ReadonlyMap<string, readonly ListedImage[]>,
  { lastUses, needed, retention }: ImageSweepDeps,
): Promise<string[]> {
  const shas = [...bySha.keys()];
  if (shas.length === 0) return [];
  const usedAt = new Map((await lastUses(shas)).map(({ sha, lastUsedAt }) => [sha, lastUsedAt]));
  const kept = [...bySha].map(([sha, images]) => {
    const createdAt = images[0]?.createdAt ?? new Date();
    const sizeBytes = images.reduce((sum, image) => sum + image.sizeBytes, 0);
    return { sha, sizeBytes, lastUsedAt: usedAt.get(sha) ?? createdAt };
  });
  const chosen = chooseImages(kept, retention, new Date());
  if (chosen.length === 0) return [];
  const inNeed = await needed(chosen);
  return chosen.filter((sha) => !inNeed.has(sha));
}

/** Takes away each of its names, and with the last of them the image. Returns false when something uses it. */
async function removeWithNames(engine: Engine, { id, tags }: ListedImage): Promise<boolean> {
  for (const name of tags.length > 0 ? tags : [id])
    if ((await removeImage(engine, name)) === 'in_use') return false;
  return true;
}

/** Unnamed images on top of the base: layers of builds that did not come to their end. */
async function removeStrays({ engine, strayMs }: ImageSweepDeps, signal?: AbortSignal): Promise<number> {
  if (signal?.aborted) return 0;
  const base = await inspectImage(engine, BASE_IMAGE);
  if (base === null) return 0;
  let removed = 0;
  for (const image of await listImages(engine, { dangling: true })) {
    if (signal?.aborted) break;
    // A whole image without a name is being loaded at this moment, or goes by its last use; layers have no label of ours.
    if (image.labels[IMAGE_SHA_LABEL] !== undefined) continue;
    if (Date.now() - image.createdAt.getTime() < strayMs) continue;
    const layers = (await inspectImage(engine, image.id))?.layers ?? [];
    const isOnBase =
      layers.length > base.layers.length && base.layers.every((layer, at) => layers[at] === layer);
    if (isOnBase && (await removeImage(engine, image.id)) === 'removed') removed += 1;
  }
  return removed;
}
