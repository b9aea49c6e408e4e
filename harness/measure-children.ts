import { readFileSync } from 'node:fs';
import type { Usage } from './measure-usage.ts';

/** A tick of the kernel's clock for processes, the same on every Linux that there is. */
const TICK_MS = 10;

/** Where `cutime` stands in `/proc/self/stat` after the name, which is in brackets; `cstime` comes next. */
const CHILDREN_FIELD = 13;

/**
 * Starts to measure what commands use on a machine that they share with everything else: the processor time of those
 * that have ended, and no memory. No limit is ever hit, because there is none.
 *
 * @returns a function that ends it
 */
export function measureChildren(): () => Usage {
  const startedAt = performance.now();
  const before = readChildrenMs();
  return () => ({
    wallMs: performance.now() - startedAt,
    cpuMs: Math.max(0, readChildrenMs() - before),
    memoryPeakBytes: 0,
    oomKills: 0,
    forksRefused: 0,
  });
}

function readChildrenMs(): number {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[CHILDREN_FIELD]) + Number(fields[CHILDREN_FIELD + 1])) * TICK_MS;
  } catch {
    // No Linux: there is no such figure.
    return 0;
  }
}
