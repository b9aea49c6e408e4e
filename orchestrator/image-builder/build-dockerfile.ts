import type { ClaimedBuild } from '@orca/database';
import {
  BuildError,
  buildImage,
  type BuildLogPiece,
  type Engine,
  type ImageState,
  inspectImage,
  packContext,
  tellsOfNoRoom,
} from '@orca/docker';
import { IMAGE_INSTALLATION_LABEL, IMAGE_SHA_LABEL } from '@orca/grading';
import { checkDockerfile, type RegistryReference } from '@orca/protocol';
import { BaseGoneError, isBaseGone } from './base-image.ts';
import type { BuildLog } from './build-log.ts';
import { explainFailure } from './explain-failure.ts';
import { probeEngine } from './probe-engine.ts';
import type { PulledImages } from './pulled-images.ts';
import { findStageProblem } from './stage-images.ts';
import { followStages, type StageLayers } from './stage-layers.ts';
import { WritesExceeded, type WritesWatch, watchWrites } from './watch-writes.ts';

/** How images are built. */
export interface BuildOptions {
  readonly installationId: string;
  /** For `RUN`: `default`, `none`, or a network of the engine. */
  readonly networkMode: string;
  readonly allowRemoteAdd: boolean;
  /** Of all commands of a Dockerfile together. */
  readonly buildSeconds: number;
  readonly memoryMb: number;
  readonly cpus: number;
  readonly imageBytesMax: number;
}

/** What building needs. */
export interface BuildDeps {
  readonly engine: Engine;
  /** The control group that `RUN` is put into. */
  readonly cgroupParent: string | undefined;
  /** Told of what is fetched for stages; without it, that stays in the engine. */
  readonly pulled?: PulledImages;
}

const MIB = 1024 * 1024;
const SECOND_MS = 1_000;
const BASE_NAME = 'orca-grader-base';
/** A layer that was in the engine's cache when the build began, and that somebody has removed since. */
const LAYER_LOST = /no such image: sha256:|layer does not exist/i;

/** By the Dockerfile's fault; `sentence` for who wrote it. */
type Refusal = { kind: 'refused'; sentence: string };

/**
 * Finds the base images that a Dockerfile names, and tells which others it names. A missing base is never asked of a registry, where anybody may own its
 * name.
 *
 * @throws {BaseGoneError} when the engine has no base image at all: ours to mend
 */
export async function findBases(
  { dockerfile }: ClaimedBuild,
  { allowRemoteAdd }: BuildOptions,
  { engine }: BuildDeps,
): Promise<{ kind: 'found'; images: ImageState[]; registryReferences: RegistryReference[] } | Refusal> {
  const { errors, baseReferences, registryReferences } = checkDockerfile(dockerfile, { allowRemoteAdd });
  const [first] = errors;
  // It was checked when it came; what an operator allows may have changed since.
  if (first !== undefined) return { kind: 'refused', sentence: `Cannot build the image: ${first}` };
  const images: ImageState[] = [];
  for (const reference of baseReferences) {
    const image = await inspectImage(engine, reference);
    if (image !== null) images.push(image);
    else if (reference === BASE_NAME || reference === `${BASE_NAME}:latest`) throw new BaseGoneError();
    else {
      const sentence = `Cannot build the image: there is no "${reference}" here. Write FROM ${BASE_NAME}`;
      return { kind: 'refused', sentence };
    }
  }
  return { kind: 'found', images, registryReferences };
}

/**
 * Runs the commands of a Dockerfile, within its limits. What no image needs is removed: the layers of earlier stages, and
 * all of a build that does not come to its end.
 *
 * @param log gets the story as it happens
 * @throws {EngineError} when the engine does not do its part
 * @throws {BaseGoneError} when the base image went in the middle of it
 * @throws the signal's reason when it aborts
 */
export async function buildDockerfile(
  build: ClaimedBuild & { readonly registryReferences: readonly RegistryReference[] },
  options: BuildOptions,
  deps: BuildDeps,
  log: BuildLog,
  signal: AbortSignal,
): Promise<{ kind: 'built'; image: ImageState } | Refusal> {
  const { engine } = deps;
  const late = AbortSignal.timeout(options.buildSeconds * SECOND_MS);
  using writes = watchWrites(engine, options.imageBytesMax);
  const over = AbortSignal.any([signal, late, writes.exceeded]);
  const layers = followStages();
  try {
    const stageDeps = { engine, log, pulled: deps.pulled };
    const problem = await findStageProblem(build.registryReferences, options, stageDeps, over);
    if (problem !== null) return refusal(problem);
    const request = buildRequest(build, options, deps.cgroupParent);
    const { id } = await buildImage(engine, request, teller({ log, writes, layers }), over);
    const image = await inspectImage(engine, id);
    if (image === null) throw new Error(`Cannot find the image "${id}" that was just built`);
    layers.keepLast();
    return { kind: 'built', image };
  } catch (error) {
    signal.throwIfAborted();
    const ended = { isLate: late.aborted, excess: writes.exceeded.reason };
    return refusal(await explainEnd(error, ended, { engine, log, options }, signal));
  } finally {
    await layers.remove(engine);
  }
}

/** Tells all who follow a build of each piece of its log. */
function teller({
  log,
  writes,
  layers,
}: {
  log: BuildLog;
  writes: WritesWatch;
  layers: StageLayers;
}): (piece: BuildLogPiece) => void {
  return (piece) => {
    layers.follow(piece);
    if (piece.kind === 'step') log.begin(piece.text);
    if (piece.kind === 'output') log.print(piece.text);
    if (piece.kind === 'container') writes.expect(piece.id);
  };
}

/**
 * Why a build did not come to its end, for who wrote its Dockerfile.
 *
 * @throws what it failed with, or what shows it, where that is ours to mend
 */
async function explainEnd(
  error: unknown,
  { isLate, excess }: { isLate: boolean; excess: unknown },
  { engine, log, options }: { engine: Engine; log: BuildLog; options: BuildOptions },
  signal: AbortSignal,
): Promise<string> {
  const where = log.step === '' ? '' : ` (${log.step})`;
  if (excess instanceof WritesExceeded) return `${excess.message}, and was stopped${where}`;
  // The engine has asked a registry for it then, which has none, or does not answer.
  if (await isBaseGone(engine, signal)) throw new BaseGoneError(error);
  if (isLate) {
    // An engine that hangs when it is to make a container lets any Dockerfile be late.
    await probeEngine(engine, options.installationId, signal);
    return `it did not end within ${options.buildSeconds} s, and was stopped${where}`;
  }
  if (!(error instanceof BuildError) || isOurs(error.failure)) throw error;
  const { failure } = error;
  // A command that found no room may have met the end of the engine's disk.
  const printed = log.steps().at(-1)?.output ?? '';
  if (tellsOfNoRoom(failure.reason) || tellsOfNoRoom(printed))
    await probeEngine(engine, options.installationId, signal);
  const status = failure.kind === 'step_failed' ? failure.exitCode : null;
  return explainFailure({
    ...{ message: failure.reason, status, step: log.step },
    memoryMb: options.memoryMb,
  });
}

/** No command of the Dockerfile failed: the engine itself had no room, or lost a layer that another build had left it. */
function isOurs(failure: BuildError['failure']): boolean {
  if (failure.kind !== 'step_failed' || failure.exitCode !== null) return false;
  return tellsOfNoRoom(failure.reason) || LAYER_LOST.test(failure.reason);
}

function refusal(what: string): Refusal {
  return { kind: 'refused', sentence: `Cannot build the image: ${what}` };
}

function buildRequest(
  { dockerfile, sha, hasFailed }: ClaimedBuild,
  options: BuildOptions,
  cgroupParent: string | undefined,
): Parameters<typeof buildImage>[1] {
  const fileBytes = options.imageBytesMax;
  return {
    // The Dockerfile and nothing else: nothing of this machine can be copied.
    context: packContext([{ name: 'Dockerfile', content: dockerfile }]),
    dockerfile: 'Dockerfile',
    labels: { [IMAGE_INSTALLATION_LABEL]: options.installationId, [IMAGE_SHA_LABEL]: sha },
    networkMode: options.networkMode,
    memoryBytes: options.memoryMb * MIB,
    cpus: options.cpus,
    ...(cgroupParent === undefined ? {} : { cgroupParent }),
    ulimits: [{ name: 'fsize', soft: fileBytes, hard: fileBytes }],
    // What a failed build left in the cache, such as an old list of packages, may be why it failed.
    useCache: !hasFailed,
  };
}
