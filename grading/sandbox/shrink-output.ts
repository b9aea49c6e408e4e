import type { StepReport } from './sandbox.ts';

/** What is held of all commands' output together; a result has room for less. */
export const JOB_OUTPUT_BYTES_MAX = 12 * 1024 * 1024;

/** As the harness keeps 768 of 1,024 KiB. */
const HEAD_SHARE = 0.75;

/** The end of the line that was cut goes on behind it: alone, a report's reader could take it for something. */
const NOTE = Buffer.from('\n[Orca: more was dropped here, because all commands together printed too much] ');

/**
 * Cuts output in its middle until all of it together is not too much: the longest first, the last command's stdout not
 * at all (the script's output may be in it, and it is below the limit alone). Pure.
 *
 * @param steps in the order in which they ran
 */
export function shrinkOutput(
  steps: readonly StepReport[],
  bytesMax: number = JOB_OUTPUT_BYTES_MAX,
): StepReport[] {
  const shrunk = [...steps];
  const last = shrunk.length - 1;
  let excess = shrunk.reduce((sum, { stdout, stderr }) => sum + stdout.length + stderr.length, 0) - bytesMax;
  while (excess > 0) {
    const longest = findLongest(shrunk, last);
    if (longest === null) break;
    const { index, stream } = longest;
    const report = shrunk[index];
    if (report === undefined) break;
    const cut = cutToHalf(report[stream]);
    excess -= report[stream].length - cut.length;
    shrunk[index] = { ...report, [stream]: cut };
  }
  return shrunk;
}

function findLongest(
  steps: readonly StepReport[],
  last: number,
): { index: number; stream: 'stdout' | 'stderr' } | null {
  let found: { index: number; stream: 'stdout' | 'stderr' } | null = null;
  // What is this short is not worth a cut.
  let length = NOTE.length * 4;
  steps.forEach((step, index) => {
    for (const stream of ['stdout', 'stderr'] as const) {
      const isOutput = index === last && stream === 'stdout';
      if (isOutput || step[stream].length <= length) continue;
      found = { index, stream };
      length = step[stream].length;
    }
  });
  return found;
}

function cutToHalf(bytes: Buffer): Buffer {
  const kept = bytes.length / 2;
  const head = bytes.subarray(0, Math.floor(kept * HEAD_SHARE));
  const tail = bytes.subarray(bytes.length - Math.floor(kept * (1 - HEAD_SHARE)));
  return Buffer.concat([head, NOTE, tail]);
}
