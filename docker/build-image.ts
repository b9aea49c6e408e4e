import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { fieldAt } from './answer-fields.ts';
import { type Engine, streamFromEngine } from './call-engine.ts';
import { BuildError } from './build-error.ts';
import { type BuildLogPiece, openBuildLog } from './build-log.ts';
import { EngineError, isRefusal } from './engine-error.ts';
import { errorIn, followProgress } from './follow-progress.ts';

/** A resource limit of processes, by its name in `ulimit`'s manual without the `RLIMIT_`, such as `nofile`. */
export interface BuildUlimit {
  readonly name: string;
  readonly soft: number;
  readonly hard: number;
}

/** What to build, and under which limits. */
export interface ImageBuild {
  /** A tar archive, also compressed, with the Dockerfile and the files that it may copy. */
  readonly context: Readable;
  /** The Dockerfile's path in the context. */
  readonly dockerfile: string;
  /** The image's name; it has none when left out. */
  readonly tag?: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** For `RUN`: `default` or `none`. */
  readonly networkMode?: string;
  readonly memoryBytes?: number;
  readonly cpus?: number;
  /** For each process of `RUN`: such as `fsize` (bytes, in one file), `nofile`. */
  readonly ulimits?: readonly BuildUlimit[];
  /** Only with the engine's cgroupfs driver, or as a systemd slice. */
  readonly cgroupParent?: string;
  /** Whether layers of earlier builds may be taken; true when left out. */
  readonly useCache?: boolean;
}

const CPU_PERIOD_US = 100_000;
const EXIT_CODE_MAX = 255;
const HTTP_OK = 200;
const HTTP_BAD_REQUEST = 400;

/**
 * Builds an image with the engine's classic builder (BuildKit takes no limits with a request). Aborting stops the build
 * and the container of its running step. The images of finished steps stay, also when the build fails. The engine pulls
 * a base image only where it has none of that name.
 *
 * @param onLog called with each piece of the log as it comes; see {@link BuildLogPiece} on how little it may be trusted
 * @returns the id of the image
 * @throws {BuildError} when the Dockerfile cannot be parsed, or a step fails
 * @throws {EngineError} when the engine does not answer, breaks off, refuses for another reason, or names no image
 * @throws the signal's reason when it aborts
 */
export async function buildImage(
  engine: Engine,
  build: ImageBuild,
  onLog: (piece: BuildLogPiece) => void,
  signal: AbortSignal,
): Promise<{ id: string }> {
  const what = `Cannot build ${build.tag === undefined ? 'the image' : `"${build.tag}"`}`;
  const answer = await startBuild(engine, build, what, signal);
  const readLog = openBuildLog();
  let id = '';
  const onMessage = (message: unknown): void => {
    throwFailedStep(message, what);
    const text = fieldAt(message, 'stream');
    const piece = typeof text === 'string' ? readLog(text) : null;
    if (piece !== null) onLog(piece);
    const imageId = fieldAt(message, 'aux', 'ID');
    if (typeof imageId === 'string') id = imageId;
  };
  await followProgress(answer, what, onMessage, signal);
  if (id !== '') return { id };
  throw new EngineError('engine_answer_invalid', `${what}: the engine names no image`);
}

/** Sends the context; the engine parses the Dockerfile before it answers. */
async function startBuild(
  engine: Engine,
  build: ImageBuild,
  what: string,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const query = buildQuery(build);
  const call = {
    method: 'POST',
    path: '/build',
    query,
    body: { tar: build.context },
    timeoutMs: null,
  } as const;
  try {
    return await streamFromEngine(engine, call, signal);
  } catch (error) {
    if (!(error instanceof EngineError) || !isRefusal(error, HTTP_BAD_REQUEST)) throw error;
    const reason = error.reason ?? '';
    const failure = { kind: 'dockerfile_refused', reason } as const;
    throw new BuildError(`${what}: ${reason}`, failure, { status: HTTP_BAD_REQUEST, cause: error });
  }
}

function throwFailedStep(message: unknown, what: string): void {
  const reason = errorIn(message);
  if (reason === null) return;
  const code = fieldAt(message, 'errorDetail', 'code');
  const exitCode = typeof code === 'number' && code > 0 && code <= EXIT_CODE_MAX ? code : null;
  throw new BuildError(`${what}: ${reason}`, { kind: 'step_failed', reason, exitCode }, { status: HTTP_OK });
}

/** Pure: the query of `POST /build`. */
export function buildQuery(build: ImageBuild): Record<string, string> {
  const query: Record<string, string> = {
    version: '1',
    dockerfile: build.dockerfile,
    rm: '1',
    forcerm: '1',
    networkmode: build.networkMode ?? 'default',
    buildargs: JSON.stringify(build.buildArgs ?? {}),
    labels: JSON.stringify(build.labels ?? {}),
  };
  if (build.tag !== undefined) query['t'] = build.tag;
  if (build.useCache === false) query['nocache'] = '1';
  if (build.cgroupParent !== undefined) query['cgroupparent'] = build.cgroupParent;
  if (build.memoryBytes !== undefined) {
    query['memory'] = query['memswap'] = String(build.memoryBytes);
  }
  if (build.cpus !== undefined) {
    query['cpuperiod'] = String(CPU_PERIOD_US);
    query['cpuquota'] = String(Math.round(build.cpus * CPU_PERIOD_US));
  }
  if (build.ulimits !== undefined) {
    const ulimits = build.ulimits.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard }));
    query['ulimits'] = JSON.stringify(ulimits);
  }
  return query;
}
