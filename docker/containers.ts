import { fieldAt, numberAt, stringAt, textAt, textsByName } from './answer-fields.ts';
import { callEngine, type Engine } from './call-engine.ts';
import type { CreateRequest } from './create-request.ts';
import { EngineError, isRefusal } from './engine-error.ts';

/** How long each call may take, in milliseconds: a hung engine makes a worker unhealthy, not stuck. */
export const CONTAINER_TIMEOUTS_MS = {
  create: 30_000,
  start: 30_000,
  kill: 10_000,
  inspect: 10_000,
  list: 10_000,
  /** The engine walks through all that each container has written. */
  listWithSizes: 30_000,
  remove: 30_000,
} as const;

/** What a container is doing, or how it ended. */
export interface ContainerState {
  readonly id: string;
  readonly name: string;
  readonly isRunning: boolean;
  /** Whether the kernel has ever killed anything in it for want of memory: also one that ended well. */
  readonly isOomKilled: boolean;
  readonly exitCode: number;
  readonly labels: Readonly<Record<string, string>>;
}

/** A container in a list. */
export interface ListedContainer {
  readonly id: string;
  /** Its id where it has none: an engine lists one that it makes or removes at that moment, or whose removal failed half-way. */
  readonly name: string;
  /** `created`, `running`, `exited`, … */
  readonly state: string;
  readonly labels: Readonly<Record<string, string>>;
  /** What it was made from; the id of an image. */
  readonly imageId: string;
  /** What it has written to its root file system; `null` when sizes were not asked for, or the engine cannot tell. */
  readonly sizeRwBytes: number | null;
}

/** Which containers to list, stopped ones too, and how. */
export interface ContainerFilter {
  /** Name → value that each must carry; no labels, no condition. */
  readonly labels?: Readonly<Record<string, string>>;
  /** The beginning of its id, or that of one of several. */
  readonly id?: string | readonly string[];
  /** An image, by id or name, that each must descend from; none does from one that the engine does not have. */
  readonly ancestor?: string;
  /** Only those that run. */
  readonly running?: true;
  /** Whether to find out how much each has written, which takes long where that is many files. */
  readonly size?: true;
}

/**
 * Creates a container; it does not run yet.
 *
 * @param name must be free
 * @returns its id
 * @throws {EngineError} `engine_refused` with 404 when the image is missing, 409 when the name is taken
 */
export async function createContainer(
  engine: Engine,
  name: string,
  spec: CreateRequest,
  signal?: AbortSignal,
): Promise<{ id: string }> {
  const answer = await callEngine(
    engine,
    {
      method: 'POST',
      path: '/containers/create',
      query: { name },
      body: { json: spec },
      timeoutMs: CONTAINER_TIMEOUTS_MS.create,
    },
    signal,
  );
  return { id: stringAt(answer, 'Id') };
}

/**
 * Starts a created container.
 *
 * @throws {EngineError}
 */
export async function startContainer(engine: Engine, id: string, signal?: AbortSignal): Promise<void> {
  await callEngine(
    engine,
    { method: 'POST', path: containerPath(id, '/start'), timeoutMs: CONTAINER_TIMEOUTS_MS.start },
    signal,
  );
}

/**
 * Kills all that runs in a container.
 *
 * @returns whether it was running
 * @throws {EngineError}
 */
export async function killContainer(engine: Engine, id: string): Promise<boolean> {
  try {
    await callEngine(engine, {
      method: 'POST',
      path: containerPath(id, '/kill'),
      query: { signal: 'KILL' },
      timeoutMs: CONTAINER_TIMEOUTS_MS.kill,
    });
    return true;
  } catch (error) {
    // 404: gone; 409: not running.
    if (isRefusal(error, 404, 409)) return false;
    throw error;
  }
}

/**
 * Looks at a container.
 *
 * @returns its state, or `null` when there is none of that id or name
 * @throws {EngineError}
 */
export async function inspectContainer(engine: Engine, id: string): Promise<ContainerState | null> {
  try {
    const call = { method: 'GET', path: containerPath(id, '/json') } as const;
    const answer = await callEngine(engine, { ...call, timeoutMs: CONTAINER_TIMEOUTS_MS.inspect });
    return {
      id: stringAt(answer, 'Id'),
      name: stringAt(answer, 'Name').replace(/^\//, ''),
      isRunning: fieldAt(answer, 'State', 'Running') === true,
      isOomKilled: fieldAt(answer, 'State', 'OOMKilled') === true,
      exitCode: numberAt(answer, 'State', 'ExitCode'),
      labels: textsByName(answer, 'Config', 'Labels'),
    };
  } catch (error) {
    if (isRefusal(error, 404)) return null;
    throw error;
  }
}

/**
 * Waits until a container no longer runs, without a time-out of its own.
 *
 * @returns its exit code
 * @throws {EngineError}
 * @throws the signal's reason when it aborts
 */
export async function waitContainer(engine: Engine, id: string, signal: AbortSignal): Promise<number> {
  const call = { method: 'POST', path: containerPath(id, '/wait'), timeoutMs: null } as const;
  return numberAt(await callEngine(engine, call, signal), 'StatusCode');
}

/**
 * Removes a container and its anonymous volumes, killing it first. One that is gone, or going, is fine.
 *
 * @throws {EngineError}
 */
export async function removeContainer(engine: Engine, id: string): Promise<void> {
  try {
    await callEngine(engine, {
      method: 'DELETE',
      path: containerPath(id, ''),
      query: { force: '1', v: '1' },
      timeoutMs: CONTAINER_TIMEOUTS_MS.remove,
    });
  } catch (error) {
    // 409: somebody else is removing it at this moment.
    if (!isRefusal(error, 404, 409)) throw error;
  }
}

/**
 * Lists containers.
 *
 * @throws {EngineError}
 */
export async function listContainers(engine: Engine, filter: ContainerFilter): Promise<ListedContainer[]> {
  const hasSizes = filter.size === true;
  const answer = await callEngine(engine, {
    method: 'GET',
    path: '/containers/json',
    query: { all: '1', filters: JSON.stringify(containerFilters(filter)), ...(hasSizes && { size: '1' }) },
    timeoutMs: hasSizes ? CONTAINER_TIMEOUTS_MS.listWithSizes : CONTAINER_TIMEOUTS_MS.list,
  });
  if (!Array.isArray(answer)) {
    throw new EngineError('engine_answer_invalid', 'Cannot list containers: the answer is no list');
  }
  return answer.map((item: unknown) => ({
    id: stringAt(item, 'Id'),
    name: textAt(fieldAt(item, 'Names'), '0').replace(/^\//, '') || stringAt(item, 'Id'),
    state: stringAt(item, 'State'),
    labels: textsByName(item, 'Labels'),
    imageId: textAt(item, 'ImageID'),
    sizeRwBytes: hasSizes ? writtenBytes(item) : null,
  }));
}

function containerFilters(filter: ContainerFilter): Record<string, string[]> {
  return {
    label: Object.entries(filter.labels ?? {}).map(([name, value]) => `${name}=${value}`),
    ...(filter.id !== undefined && { id: [filter.id].flat() }),
    ...(filter.ancestor !== undefined && { ancestor: [filter.ancestor] }),
    ...(filter.running === true && { status: ['running'] }),
  };
}

/** Engines leave out a size of 0, and write -1 for one that they cannot tell. */
function writtenBytes(item: unknown): number | null {
  const size = fieldAt(item, 'SizeRw') ?? 0;
  return typeof size === 'number' && size >= 0 ? size : null;
}

function containerPath(id: string, rest: string): string {
  return `/containers/${encodeURIComponent(id)}${rest}`;
}
