import type { ClaimedBuild } from '@orca/database';
import {
  BuildError,
  buildImage,
  type Engine,
  type ImageState,
  inspectImage,
  packContext,
} from '@orca/docker';
import { IMAGE_INSTALLATION_LABEL, IMAGE_SHA_LABEL } from '@orca/grading';
import { checkDockerfile } from '@orca/protocol';
import type { BuildLog } from './build-log.ts';
import { explainFailure } from './explain-failure.ts';
import { removeLayers } from './remove-layers.ts';
import { watchWrites } from './watch-writes.ts';

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
}

const MIB = 1024 * 1024;
const SECOND_MS = 1_000;
const BASE_NAME = 'orca-grader-base';

/** By the Dockerfile's fault; `sentence` for who wrote it. */
type Refusal = { kind: 'refused'; sentence: string };

/**
 * Finds the base images that a Dockerfile names. A missing one is never asked of a registry, where anybody may own its
 * name.
 *
 * @throws {Error} when the engine has no base image at all: ours to mend
 */
export async function findBases(
  { dockerfile }: ClaimedBuild,
  { allowRemoteAdd }: BuildOptions,
  { engine }: BuildDeps,
): Promise<{ kind: 'found'; images: ImageState[] } | Refusal> {
  const { errors, baseReferences } = checkDockerfile(dockerfile, { allowRemoteAdd });
  const [first] = errors;
  // It was checked when it came; what an operator allows may have changed since.
  if (first !== undefined) return { kind: 'refused', sentence: `Cannot build the image: ${first}` };
  const images: ImageState[] = [];
  for (const reference of baseReferences) {
    const image = await inspectImage(engine, reference);
    if (image !== null) images.push(image);
    else if (reference === BASE_NAME || reference === `${BASE_NAME}:latest`)
      throw new Error(
        `Cannot build images: "${BASE_NAME}" is not in the engine; DEPLOYMENT.md, step 3, says how to make it (outside of production, ./orca up does)`,
      );
    else {
      const sentence = `Cannot build the image: there is no "${reference}" here. Write FROM ${BASE_NAME}`;
      return { kind: 'refused', sentence };
    }
  }
  return { kind: 'found', images };
}

/**
 * Runs the commands of a Dockerfile, within its limits. What a build leaves that does not come to its end is removed.
 *
 * @param log gets the story as it happens
 * @throws {EngineError} when the engine does not do its part
 * @throws the signal's reason when it aborts
 */
export async function buildDockerfile(
  build: ClaimedBuild,
  options: BuildOptions,
  { engine, cgroupParent }: BuildDeps,
  log: BuildLog,
  signal: AbortSignal,
): Promise<{ kind: 'built'; image: ImageState } | Refusal> {
  const late = AbortSignal.timeout(options.buildSeconds * SECOND_MS);
  using writes = watchWrites(engine, options.imageBytesMax);
  const over = AbortSignal.any([signal, late, writes.exceeded]);
  let layer: string | null = null;
  try {
    const request = buildRequest(build, options, cgroupParent);
    const { id } = await buildImage(
      engine,
      request,
      (piece) => {
        switch (piece.kind) {
          case 'step':
            return log.begin(piece.text);
          case 'output':
            return log.print(piece.text);
          case 'container':
            return writes.expect(piece.id);
          case 'layer':
            layer = piece.id;
            return;
          default:
            return piece satisfies never;
        }
      },
      over,
    );
    const image = await inspectImage(engine, id);
    if (image === null) throw new Error(`Cannot find the image "${id}" that was just built`);
    return { kind: 'built', image };
  } catch (error) {
    if (layer !== null) await removeLayers(engine, layer);
    signal.throwIfAborted();
    const where = log.step === '' ? '' : ` (${log.step})`;
    if (writes.exceeded.aborted)
      return refusal(
        `it wrote more than ${Math.round(options.imageBytesMax / MIB)} MiB, and was stopped${where}`,
      );
    if (late.aborted)
      return refusal(`it did not end within ${options.buildSeconds} s, and was stopped${where}`);
    if (!(error instanceof BuildError) || isEngineFull(error.failure)) throw error;
    const { failure } = error;
    const status = failure.kind === 'step_failed' ? failure.exitCode : null;
    return refusal(
      explainFailure({
        ...{ message: failure.reason, status, step: log.step },
        memoryMb: options.memoryMb,
      }),
    );
  }
}

/** No command of the Dockerfile failed, the engine itself had no room: ours to mend. */
function isEngineFull(failure: BuildError['failure']): boolean {
  return (
    failure.kind === 'step_failed' &&
    failure.exitCode === null &&
    /no space left on device/i.test(failure.reason)
  );
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
