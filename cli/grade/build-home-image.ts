import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import {
  buildImage,
  type Engine,
  type ListedImage,
  listImages,
  packContext,
  removeImage,
} from '@orca/docker';
import { readDockerfile } from '../images/read-dockerfile.ts';
import type { Progress } from '../set-up/progress.ts';
import { UserError } from '../user-error.ts';

/** What building an image at home needs. */
export interface BuildDeps {
  readonly engine: Engine;
  readonly progress: Progress;
}

/** The repository of images that were built here from a Dockerfile. */
const HOME_REPOSITORY = 'orca-at-home';
/** Which Dockerfile an image was built from: the SHA-256 of its path. */
const PATH_LABEL = 'orca.at-home';
const KEPT_MS = 7 * 24 * 60 * 60 * 1000;

/**
 * Builds as an image builder does: a Dockerfile that one would take, alone, with nothing to copy. The image stays, so that
 * the next build of the same file is quick; what the file was before, and what is older than a week, goes.
 *
 * @returns its id
 * @throws {UserError} for a Dockerfile that cannot be read or is not valid, or a build that fails, with its output
 */
export async function buildHomeImage(path: string, deps: BuildDeps, signal: AbortSignal): Promise<string> {
  const content = await readDockerfile(path);
  const pathHash = sha256(resolve(path));
  const id = await build({ path, content, pathHash }, deps, signal);
  const images = await listImages(deps.engine, {});
  // One that another run needs just now stays, and goes with a later build.
  for (const stale of chooseStale(images, { id, pathHash, now: Date.now() }))
    await removeImage(deps.engine, stale.id);
  return id;
}

/**
 * Chooses the images of earlier builds at home that nobody needs any more: pure.
 *
 * @param current what was built just now
 */
export function chooseStale(
  images: readonly ListedImage[],
  current: { readonly id: string; readonly pathHash: string; readonly now: number },
): ListedImage[] {
  return images.filter((image) => {
    const label = image.labels[PATH_LABEL];
    const isOurs = label !== undefined || image.tags.some((tag) => tag.startsWith(`${HOME_REPOSITORY}:`));
    const isOld = current.now - image.createdAt.getTime() > KEPT_MS;
    return isOurs && image.id !== current.id && (label === current.pathHash || isOld);
  });
}

async function build(
  { path, content, pathHash }: { readonly path: string; readonly content: string; readonly pathHash: string },
  deps: BuildDeps,
  signal: AbortSignal,
): Promise<string> {
  const log: string[] = [];
  const image = {
    context: packContext([{ name: 'Dockerfile', content }]),
    dockerfile: 'Dockerfile',
    tag: `${HOME_REPOSITORY}:${sha256(content)}`,
    labels: { [PATH_LABEL]: pathHash },
  };
  try {
    const { id } = await deps.progress.step(`Building ${path}`, (detail) =>
      buildImage(
        deps.engine,
        image,
        (progress) => {
          if (progress.kind !== 'step' && progress.kind !== 'output') return;
          log.push(progress.text);
          detail(progress.text);
        },
        signal,
      ),
    );
    return id;
  } catch (cause) {
    signal.throwIfAborted();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UserError(`${log.join('')}\n${reason}, as shown above`, { cause });
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
