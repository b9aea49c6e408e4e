import { existsSync, readFileSync } from 'node:fs';

/** What the kernel has counted for the whole container so far. A figure that it does not give is 0. */
export interface CgroupCounters {
  readonly cpuMs: number;
  readonly memoryBytes: number;
  /** The most since the container's start. */
  readonly memoryPeakBytes: number;
  /** Processes that were killed for want of memory: this container's, or the whole machine's. */
  readonly oomKills: number;
  /** How often this container was out of memory at its own limit; `null` where the kernel does not tell. */
  readonly limitOoms: number | null;
  /** Forks that failed at the limit of processes. */
  readonly forksRefused: number;
}

/** Where containers find their own control group. */
export const CGROUP_ROOT = '/sys/fs/cgroup';

/**
 * Reads the counters of this container, of control groups version 1 or 2.
 *
 * @param root where they are mounted
 */
export function readCounters(root: string = CGROUP_ROOT): CgroupCounters {
  return isVersion2(root) ? readVersion2(root) : readVersion1(root);
}

/**
 * Reads only how much memory is in use: cheap enough for every few milliseconds.
 *
 * @param root where they are mounted
 */
export function readMemoryBytes(root: string = CGROUP_ROOT): number {
  const file = isVersion2(root) ? 'memory.current' : 'memory/memory.usage_in_bytes';
  return readNumber(`${root}/${file}`) ?? 0;
}

/** Asked each time, but not by reading what is not there: an error costs more than all the rest. */
function isVersion2(root: string): boolean {
  return existsSync(`${root}/cgroup.controllers`);
}

function readVersion1(root: string): CgroupCounters {
  return {
    cpuMs: (readNumber(`${root}/cpuacct/cpuacct.usage`) ?? 0) / 1e6,
    memoryBytes: readMemoryBytes(root),
    memoryPeakBytes: readNumber(`${root}/memory/memory.max_usage_in_bytes`) ?? 0,
    oomKills: readField(`${root}/memory/memory.oom_control`, 'oom_kill'),
    // Its `failcnt` grows whenever the limit is met, also when memory is freed in time.
    limitOoms: null,
    forksRefused: readField(`${root}/pids/pids.events`, 'max'),
  };
}

function readVersion2(root: string): CgroupCounters {
  return {
    cpuMs: readField(`${root}/cpu.stat`, 'usage_usec') / 1e3,
    memoryBytes: readMemoryBytes(root),
    // Linux 5.19 and newer.
    memoryPeakBytes: readNumber(`${root}/memory.peak`) ?? 0,
    oomKills: readField(`${root}/memory.events`, 'oom_kill'),
    limitOoms: readLimitOoms(root),
    forksRefused: readField(`${root}/pids.events`, 'max'),
  };
}

/**
 * A group counts in `oom` that it, or one inside of it, was at its own limit. A container whose limit is that of a group
 * around it, as Podman makes them, cannot see that group.
 *
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files
 */
function readLimitOoms(root: string): number | null {
  const limit = readText(`${root}/memory.max`)?.trim() ?? 'max';
  return limit === 'max' ? null : readField(`${root}/memory.events`, 'oom');
}

/** Files of lines `name number`. */
function readField(path: string, name: string): number {
  for (const line of (readText(path) ?? '').split('\n')) {
    if (line.startsWith(`${name} `)) return Number(line.slice(name.length + 1)) || 0;
  }
  return 0;
}

function readNumber(path: string): number | null {
  const text = readText(path);
  return text === null ? null : Number(text) || 0;
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Not mounted, or not of this version: there is no such figure.
    return null;
  }
}
