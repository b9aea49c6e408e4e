import { fieldAt, namesAt, numberAt, stringAt, stringsAt, textAt } from './answer-fields.ts';
import { callEngine, type Engine } from './call-engine.ts';
import { DEFAULT_DOCKER_HOST, parseDockerHost, showAddress } from './engine-address.ts';
import { EngineError } from './engine-error.ts';

/** The oldest API that has all that Orca's containers ask for (private cgroup namespaces came with it). */
export const API_VERSION_MIN = '1.41';

/** The newest API whose changes have been read for what Orca uses. */
export const API_VERSION_MAX = '1.52';

const VERSION_TIMEOUT_MS = 10_000;
const INFO_TIMEOUT_MS = 30_000;
const SNAPSHOTTER = 'io.containerd.snapshotter.';

/** What an engine says of itself. */
export interface EngineInfo {
  /** Stays the same over restarts: the engine's own identity. */
  readonly id: string;
  readonly serverVersion: string;
  readonly cgroupDriver: 'cgroupfs' | 'systemd' | 'none';
  readonly cgroupVersion: 1 | 2;
  readonly storageDriver: string;
  /** Whether images lie in containerd's store, where their ids are digests of something else. */
  readonly hasContainerdStore: boolean;
  /** The folder on the engine's machine that images and containers lie in, such as `/var/lib/docker`. */
  readonly rootFolder: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly runtimes: string[];
  readonly defaultRuntime: string;
  /** Such as `name=seccomp,profile=default`, `name=apparmor`, `name=userns`, `name=rootless`. */
  readonly securityOptions: string[];
  readonly hasLiveRestore: boolean;
  /** Which limits of a container its kernel can keep. */
  readonly limits: {
    readonly memory: boolean;
    readonly swap: boolean;
    readonly pids: boolean;
    readonly cpu: boolean;
  };
}

/**
 * Finds an engine and the newest version of the API that both sides speak.
 *
 * @param dockerHost `unix:///…` or `tcp://…`, as in `DOCKER_HOST`
 * @throws {EngineError} `engine_unreachable`, `engine_timeout`, or `engine_too_old` for one that speaks no common version
 */
export async function connectEngine(
  dockerHost: string = DEFAULT_DOCKER_HOST,
  signal?: AbortSignal,
): Promise<Engine> {
  const address = parseDockerHost(dockerHost);
  if (address === null) {
    throw new EngineError(
      'engine_unreachable',
      `Cannot connect to the engine at "${dockerHost}": the address is not unix:///path or tcp://host:port`,
    );
  }
  const unversioned = { address, apiVersion: '' };
  const answer = await callEngine(
    unversioned,
    { method: 'GET', path: '/version', timeoutMs: VERSION_TIMEOUT_MS },
    signal,
  );
  const newest = stringAt(answer, 'ApiVersion');
  const oldest = fieldAt(answer, 'MinAPIVersion');
  const apiVersion = commonVersion(newest, typeof oldest === 'string' ? oldest : API_VERSION_MIN);
  if (apiVersion === null) {
    throw new EngineError(
      'engine_too_old',
      `Cannot use the engine at ${showAddress(address)}: it speaks API ${newest}, ` +
        `and Orca speaks ${API_VERSION_MIN} to ${API_VERSION_MAX}`,
    );
  }
  return { address, apiVersion };
}

/**
 * The newest version of the API that both sides speak.
 *
 * @param newest the engine's newest
 * @param oldest the engine's oldest
 * @returns such as `1.41`; `null` when there is none
 */
export function commonVersion(newest: string, oldest: string): string | null {
  const chosen = compareVersions(newest, API_VERSION_MAX) < 0 ? newest : API_VERSION_MAX;
  const fits = compareVersions(chosen, API_VERSION_MIN) >= 0 && compareVersions(chosen, oldest) >= 0;
  return fits ? chosen : null;
}

function compareVersions(one: string, other: string): number {
  const [oneMajor = 0, oneMinor = 0] = one.split('.').map(Number);
  const [otherMajor = 0, otherMinor = 0] = other.split('.').map(Number);
  return oneMajor - otherMajor || oneMinor - otherMinor;
}

/**
 * Asks the engine what it is and how it is set up.
 *
 * @throws {EngineError}
 */
export async function engineInfo(engine: Engine, signal?: AbortSignal): Promise<EngineInfo> {
  const call = { method: 'GET', path: '/info', timeoutMs: INFO_TIMEOUT_MS } as const;
  const info = await callEngine(engine, call, signal);
  const cgroupDriver = fieldAt(info, 'CgroupDriver');
  return {
    id: stringAt(info, 'ID'),
    serverVersion: stringAt(info, 'ServerVersion'),
    cgroupDriver: cgroupDriver === 'systemd' || cgroupDriver === 'cgroupfs' ? cgroupDriver : 'none',
    cgroupVersion: fieldAt(info, 'CgroupVersion') === '2' ? 2 : 1,
    storageDriver: stringAt(info, 'Driver'),
    hasContainerdStore: hasContainerdStore(info),
    rootFolder: stringAt(info, 'DockerRootDir'),
    cpus: numberAt(info, 'NCPU'),
    memoryBytes: numberAt(info, 'MemTotal'),
    runtimes: namesAt(info, 'Runtimes'),
    defaultRuntime: stringAt(info, 'DefaultRuntime'),
    securityOptions: stringsAt(info, 'SecurityOptions'),
    hasLiveRestore: fieldAt(info, 'LiveRestoreEnabled') === true,
    limits: {
      memory: fieldAt(info, 'MemoryLimit') === true,
      swap: fieldAt(info, 'SwapLimit') === true,
      pids: fieldAt(info, 'PidsLimit') === true,
      cpu: fieldAt(info, 'CpuCfsQuota') === true,
    },
  };
}

/**
 * Asks the engine for the versions of the programs that it consists of.
 *
 * @returns such as `runc` → `1.1.5`, by their names; an engine need not name any
 * @throws {EngineError}
 */
export async function engineComponents(
  engine: Engine,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const call = { method: 'GET', path: '/version', timeoutMs: VERSION_TIMEOUT_MS } as const;
  const components = fieldAt(await callEngine(engine, call, signal), 'Components');
  const list: unknown[] = Array.isArray(components) ? components : [];
  return new Map(list.map((one) => [textAt(one, 'Name'), textAt(one, 'Version')]));
}

/** The only place where the engine says it: a pair in a list of pairs for people. */
function hasContainerdStore(info: unknown): boolean {
  const pairs = fieldAt(info, 'DriverStatus');
  return (
    Array.isArray(pairs) &&
    pairs.some((pair) => fieldAt(pair, '0') === 'driver-type' && textAt(pair, '1').startsWith(SNAPSHOTTER))
  );
}
