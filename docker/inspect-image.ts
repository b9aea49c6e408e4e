import {
  fieldAt,
  namesAt,
  numberAt,
  stringAt,
  stringsAt,
  textAt,
  textsByName,
  timeAt,
} from './answer-fields.ts';
import { callEngine, type Engine } from './call-engine.ts';
import { EngineError, isRefusal } from './engine-error.ts';
import { imagePath } from './image-reference.ts';

/** What the engine knows of an image. Its contents are whatever its author wrote: nothing here may be trusted. */
export interface ImageState {
  /** `sha256:…`; says nothing across engines with different image stores. */
  readonly id: string;
  /** Its names, each with a tag. */
  readonly tags: string[];
  /** The image that the engine built it on; `null` when it was loaded, pulled or imported, or the engine does not say. */
  readonly parentId: string | null;
  /** As the image says of itself; `null` when it does not. */
  readonly createdAt: Date | null;
  readonly sizeBytes: number;
  /** Such as `linux` and `amd64`; '' when the image does not say. */
  readonly os: string;
  readonly architecture: string;
  /** `NAME=value` each. */
  readonly env: string[];
  /** The paths of its `VOLUME`s. */
  readonly volumes: string[];
  /** Such as `80/tcp`. */
  readonly exposedPorts: string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Whom its containers run as, by name or number; '' for root. */
  readonly user: string;
  /** '' for `/`. */
  readonly workingFolder: string;
  readonly hasEntrypoint: boolean;
  /** Whether containers would run a command every so often; `HEALTHCHECK NONE` is none. */
  readonly hasHealthcheck: boolean;
  /** Instructions that a build on top of it would run. */
  readonly onBuild: string[];
  /** '' for the engine's default. */
  readonly stopSignal: string;
  /** The digests of its layers, the lowest first: these can be compared across engines. */
  readonly layers: string[];
}

/** An image in a list. */
export interface ListedImage {
  readonly id: string;
  /** Its names, each with a tag; none for one that is dangling. */
  readonly tags: string[];
  /** As {@link ImageState} has it. */
  readonly parentId: string | null;
  /** As the image says of itself; 1970 or earlier when it does not. */
  readonly createdAt: Date;
  readonly sizeBytes: number;
  readonly labels: Readonly<Record<string, string>>;
}

/** Which images to list; all when empty. */
export interface ImageFilter {
  /** Labels that each must carry; `null` for one of any value. */
  readonly labels?: Readonly<Record<string, string | null>>;
  /** Whether they must have lost their names, or have one. */
  readonly dangling?: boolean;
}

const INSPECT_TIMEOUT_MS = 10_000;
const LIST_TIMEOUT_MS = 30_000;
const SECOND_MS = 1000;

/**
 * Looks at an image.
 *
 * @param reference an id or a name with or without tag
 * @returns what the engine knows, or `null` when it has none
 * @throws {EngineError}
 * @throws the signal's reason when it aborts
 */
export async function inspectImage(
  engine: Engine,
  reference: string,
  signal?: AbortSignal,
): Promise<ImageState | null> {
  try {
    const call = { method: 'GET', path: `${imagePath(reference)}/json` } as const;
    return imageState(await callEngine(engine, { ...call, timeoutMs: INSPECT_TIMEOUT_MS }, signal));
  } catch (error) {
    if (isRefusal(error, 404)) return null;
    throw error;
  }
}

function imageState(answer: unknown): ImageState {
  const config = fieldAt(answer, 'Config');
  return {
    id: stringAt(answer, 'Id'),
    tags: namedTags(answer),
    parentId: textAt(answer, 'Parent') || null,
    createdAt: timeAt(answer, 'Created'),
    sizeBytes: numberAt(answer, 'Size'),
    os: textAt(answer, 'Os'),
    architecture: textAt(answer, 'Architecture'),
    env: stringsAt(config, 'Env'),
    volumes: namesAt(config, 'Volumes'),
    exposedPorts: namesAt(config, 'ExposedPorts'),
    labels: textsByName(config, 'Labels'),
    user: textAt(config, 'User'),
    workingFolder: textAt(config, 'WorkingDir'),
    hasEntrypoint: stringsAt(config, 'Entrypoint').length > 0,
    hasHealthcheck: !['', 'NONE'].includes(stringsAt(config, 'Healthcheck', 'Test')[0] ?? ''),
    onBuild: stringsAt(config, 'OnBuild'),
    stopSignal: textAt(config, 'StopSignal'),
    layers: stringsAt(answer, 'RootFS', 'Layers'),
  };
}

/**
 * Lists images; those that are only steps on the way to another are left out.
 *
 * @throws {EngineError}
 */
export async function listImages(engine: Engine, filter: ImageFilter): Promise<ListedImage[]> {
  const label = Object.entries(filter.labels ?? {}).map(([name, value]) =>
    value === null ? name : `${name}=${value}`,
  );
  const dangling = filter.dangling === undefined ? {} : { dangling: [String(filter.dangling)] };
  const query = { filters: JSON.stringify({ label, ...dangling }) };
  const call = { method: 'GET', path: '/images/json', query, timeoutMs: LIST_TIMEOUT_MS } as const;
  const answer = await callEngine(engine, call);
  if (!Array.isArray(answer)) {
    throw new EngineError('engine_answer_invalid', 'Cannot list images: the answer is no list');
  }
  return answer.map((item: unknown) => ({
    id: stringAt(item, 'Id'),
    tags: namedTags(item),
    parentId: textAt(item, 'ParentId') || null,
    createdAt: new Date(numberAt(item, 'Created') * SECOND_MS),
    sizeBytes: numberAt(item, 'Size'),
    labels: textsByName(item, 'Labels'),
  }));
}

/** Older engines list an image without a name as `<none>:<none>`. */
function namedTags(answer: unknown): string[] {
  return stringsAt(answer, 'RepoTags').filter((tag) => !tag.includes('<none>'));
}
