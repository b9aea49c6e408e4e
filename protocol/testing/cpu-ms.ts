/**
 * Measures work by the processor time of this process: a busy machine makes the wall clock slow, not the work.
 *
 * @returns milliseconds of processor time, in user and system mode
 */
export function cpuMsOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
