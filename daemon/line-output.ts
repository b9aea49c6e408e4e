import { destination } from 'pino';

/** Where lines go. */
export interface LineOutput {
  write(line: string): unknown;
}

/** So many bytes of lines that could not be written wait for better times; what is more is lost, a longer line always. */
const WAITING_BYTES_MAX = 8 * 1024 * 1024;

/**
 * Writes lines at once, and never throws: a process whose log's disk is full, or whose terminal has gone away, has better
 * things to do than to end by that. Each line tries again those that could not be written before it.
 *
 * @param fd an open file
 * @returns no more than `write`: for a fatal error pino would flush what has more, and that waits for as long as the file
 *   cannot be written
 */
export function openLineOutput(fd: number): LineOutput {
  const output = destination({ fd, sync: true, maxLength: WAITING_BYTES_MAX });
  // pino's own listener keeps silent about a broken pipe only, and throws all else out of the call that logs.
  output.on('error', () => {});
  return { write: (line) => output.write(line) };
}
