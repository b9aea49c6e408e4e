import type { Readable } from 'node:stream';
import { fieldAt } from './answer-fields.ts';
import { type Engine, streamFromEngine } from './call-engine.ts';
import { EngineError } from './engine-error.ts';
import { followProgress, rethrowAbort } from './images.ts';

/** What to build, and under which limits. */
export interface ImageBuild {
  /** A tar archive, also compressed, with the Dockerfile and the files that it may copy. */
  readonly context: Readable;
  /** The Dockerfile's path in the context. */
  readonly dockerfile: string;
  readonly tag: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** For `RUN`: `default` or `none`. */
  readonly networkMode?: string;
  readonly memoryBytes?: number;
  readonly cpus?: number;
  /** Only with the engine's cgroupfs driver, or as a systemd slice. */
  readonly cgroupParent?: string;
  /** Whether layers of earlier builds may be taken; true when left out. */
  readonly useCache?: boolean;
}

const CPU_PERIOD_US = 100_000;

/**
 * Builds an image with the engine's classic builder (BuildKit takes no limits with a request). Aborting stops the build
 * and the container of its running step.
 *
 * @param onLog called with each piece of output as it comes
 * @returns the id of the image
 * @throws {EngineError} `engine_refused` with the failing step's reason
 * @throws the signal's reason when it aborts
 */
export async function buildImage(
  engine: Engine,
  build: ImageBuild,
  onLog: (text: string) => void,
  signal: AbortSignal,
): Promise<{ id: string }> {
  const answer = await streamFromEngine(
    engine,
    {
      method: 'POST',
      path: '/build',
      query: buildQuery(build),
      body: { tar: build.context },
      timeoutMs: null,
    },
    signal,
  );
  let id = '';
  await followProgress(answer, `Cannot build "${build.tag}"`, (message) => {
    const text = fieldAt(message, 'stream');
    if (typeof text === 'string') onLog(text);
    const imageId = fieldAt(message, 'aux', 'ID');
    if (typeof imageId === 'string') id = imageId;
  }).catch((error) => rethrowAbort(error, signal));
  if (id !== '') return { id };
  throw new EngineError('engine_answer_invalid', `Cannot build "${build.tag}": the engine names no image`);
}

/** Pure: the query of `POST /build`. */
export function buildQuery(build: ImageBuild): Record<string, string> {
  const query: Record<string, string> = {
    version: '1',
    dockerfile: build.dockerfile,
    t: build.tag,
    rm: '1',
    forcerm: '1',
    networkmode: build.networkMode ?? 'default',
    buildargs: JSON.stringify(build.buildArgs ?? {}),
    labels: JSON.stringify(build.labels ?? {}),
  };
  if (build.useCache === false) query['nocache'] = '1';
  if (build.cgroupParent !== undefined) query['cgroupparent'] = build.cgroupParent;
  if (build.memoryBytes !== undefined) {
    query['memory'] = query['memswap'] = String(build.memoryBytes);
  }
  if (build.cpus !== undefined) {
    query['cpuperiod'] = String(CPU_PERIOD_US);
    query['cpuquota'] = String(Math.round(build.cpus * CPU_PERIOD_US));
  }
  return query;
}
