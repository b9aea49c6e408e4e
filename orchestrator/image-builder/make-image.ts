import type { Gate } from '@orca/daemon';
import { BUILD_FAULTS_MAX, type BuildTimings, type ClaimedBuild, type SavedImage } from '@orca/database';
import { type ImageState, removeImage, saveImage, tagImage } from '@orca/docker';
import { imageReference, type SmokeRun } from '@orca/grading';
import { type BuildDeps, type BuildOptions, buildDockerfile, findBases } from './build-dockerfile.ts';
import type { BuildLog } from './build-log.ts';
import { checkBuilt } from './check-built.ts';
import type { ImageStore } from './image-store.ts';

/** What making an image needs. */
export interface MakeDeps extends BuildDeps {
  readonly store: ImageStore;
  /** Passed when an image is built, and when its archive is saved. */
  readonly gate?: Gate;
  readonly smokeRun: (
    images: { readonly imageId: string; readonly baseId: string },
    signal: AbortSignal,
  ) => Promise<SmokeRun>;
}

/** What became of a build; the engine's own failures are thrown. */
export type MadeImage = { readonly timings: BuildTimings } & (
  | { readonly kind: 'ready'; readonly image: SavedImage }
  /** By the Dockerfile's fault; `reason` for who wrote it. */
  | { readonly kind: 'failed'; readonly reason: string; readonly imageBytes: number | null }
);

/**
 * Makes an image of a Dockerfile: builds, checks, tries and saves it. Leaves nothing half: an image that is refused goes
 * from the engine, and an archive is there whole or not at all.
 *
 * @param log gets the story as it happens
 * @throws {EngineError} when the engine does not do its part
 * @throws {BaseGoneError} when the engine has no base image
 * @throws {StoreFullError} when there is no room for the archive
 * @throws the signal's reason when it aborts
 */
export async function makeImage(
  build: ClaimedBuild,
  options: BuildOptions,
  deps: MakeDeps,
  log: BuildLog,
  signal: AbortSignal,
): Promise<MadeImage> {
  const timer = startTimer();
  const found = await adopt(build, deps);
  if (found !== null) return { kind: 'ready', image: found, timings: timer.timings() };
  if (build.faults >= BUILD_FAULTS_MAX) return refuse(tooManyFaults(build), null, timer);

  const bases = await findBases(build, options, deps);
  if (bases.kind === 'refused') return refuse(bases.sentence, null, timer);

  const { registryReferences } = bases;
  const building = buildDockerfile({ ...build, registryReferences }, options, deps, log, signal);
  const built = await timer.measure('buildMs', building);
  if (built.kind === 'refused') return refuse(built.sentence, null, timer);
  const { image } = built;
  deps.gate?.('built');

  log.begin('Orca: checking the image');
  const problem = await timer.measure('checkMs', findProblem(image, bases.images, options, deps, signal));
  if (problem !== null) {
    await removeImage(deps.engine, image.id);
    return refuse(problem, image.sizeBytes, timer);
  }
  log.begin('Orca: saving the image');
  const archive = await timer.measure('saveMs', saveIt(image, deps, signal));
  deps.gate?.('saved');
  await tagImage(deps.engine, image.id, imageReference(options.installationId, build.sha));
  return {
    kind: 'ready',
    timings: timer.timings(),
    image: {
      imageId: image.id,
      layers: [...image.layers],
      imageBytes: image.sizeBytes,
      archiveBytes: archive.bytes,
      archiveSha256: archive.sha256,
    },
  };
}

/** A pruned image whose archive nobody has removed yet: nothing has to be built. */
async function adopt({ saved }: ClaimedBuild, { store }: MakeDeps): Promise<SavedImage | null> {
  if (saved === null) return null;
  const isThere = await store.has({ sha256: saved.archiveSha256, bytes: saved.archiveBytes });
  return isThere ? saved : null;
}

function tooManyFaults({ faults }: ClaimedBuild): string {
  return (
    `Cannot build the image: ${faults} times in a row the image builder itself ended in the middle of it. ` +
    'Does the Dockerfile want more than the machine has? POST it again to try once more'
  );
}

async function findProblem(
  image: ImageState,
  bases: readonly ImageState[],
  options: BuildOptions,
  { smokeRun }: MakeDeps,
  signal: AbortSignal,
): Promise<string | null> {
  const problem = checkBuilt(image, bases, options);
  const [base] = bases;
  if (problem !== null || base === undefined) return problem;
  const tried = await smokeRun({ imageId: image.id, baseId: base.id }, signal);
  return tried.kind === 'refused' ? tried.sentence : null;
}

async function saveIt(image: ImageState, { engine, store }: MakeDeps, signal: AbortSignal) {
  return store.save(await saveImage(engine, image.id, signal), signal);
}

interface Timer {
  measure<T>(phase: keyof BuildTimings, work: Promise<T>): Promise<T>;
  timings(): BuildTimings;
}

function startTimer(): Timer {
  const spent: BuildTimings = { buildMs: null, checkMs: null, saveMs: null };
  return {
    async measure(phase, work) {
      const startedAt = performance.now();
      try {
        return await work;
      } finally {
        spent[phase] = performance.now() - startedAt;
      }
    },
    timings: () => ({ ...spent }),
  };
}

function refuse(reason: string, imageBytes: number | null, timer: Timer): MadeImage {
  return { kind: 'failed', reason, imageBytes, timings: timer.timings() };
}
