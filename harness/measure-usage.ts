import { type CgroupCounters, readCounters, readMemoryBytes } from './cgroup.ts';

/** What the container used between two moments. */
export interface Usage {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly memoryPeakBytes: number;
  /** Processes that were killed at the container's own limit of memory. */
  readonly oomKills: number;
  readonly forksRefused: number;
}

// The kernel keeps one peak, for the container's whole life; a later command that stays below it is only sampled.
const SAMPLE_EVERY_MS = 50;

/**
 * Starts to measure what commands use.
 *
 * @returns a function that ends it
 */
export function measureUsage(): () => Usage {
  const startedAt = performance.now();
  const own = process.cpuUsage();
  const before = readCounters();
  let sampled = before.memoryBytes;
  const sampling = setInterval(() => {
    sampled = Math.max(sampled, readMemoryBytes());
  }, SAMPLE_EVERY_MS);
  return () => {
    clearInterval(sampling);
    const after = readCounters();
    const spent = process.cpuUsage(own);
    const ownMs = (spent.user + spent.system) / 1e3;
    return {
      wallMs: performance.now() - startedAt,
      cpuMs: Math.max(0, after.cpuMs - before.cpuMs - ownMs),
      memoryPeakBytes: peakGrowth(before, after, sampled),
      oomKills: killsOfOwnLimit(before, after),
      forksRefused: after.forksRefused - before.forksRefused,
    };
  };
}

/**
 * Pure: who was killed at the container's own limit, where the kernel tells; a machine that runs out of memory kills in
 * containers that are far below theirs. The kernel counts the limit first, and then the kill.
 */
export function killsOfOwnLimit(before: CgroupCounters, after: CgroupCounters): number {
  const isOwnLimit =
    before.limitOoms === null || after.limitOoms === null || after.limitOoms > before.limitOoms;
  return isOwnLimit ? after.oomKills - before.oomKills : 0;
}

/** Pure: the kernel's own peak where this command made it, else the highest sample; beyond what there was before. */
export function peakGrowth(before: CgroupCounters, after: CgroupCounters, sampled: number): number {
  const isNewPeak = after.memoryPeakBytes > before.memoryPeakBytes;
  const peak = isNewPeak ? after.memoryPeakBytes : Math.max(sampled, after.memoryBytes);
  return Math.max(0, peak - before.memoryBytes);
}
