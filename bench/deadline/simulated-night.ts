import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { traceLine, type Waits } from '@orca/cli/simulate';
import type { GradedSubmission } from './orca-night.ts';
import { SLOTS } from './scale.ts';

const CLI = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

/**
 * Asks `orca simulate` what it would have said of the night: the arrivals and the grading times as they were measured, the
 * order and the waits its own.
 *
 * @param folder the trace is written there
 */
export async function simulateNight(
  submissions: readonly GradedSubmission[],
  folder: string,
): Promise<Waits> {
  const trace = path.join(folder, 'trace.jsonl');
  const lines = submissions.map(
    ({ student: submitter, arrivedSeconds: atSeconds, claimedSeconds, endedSeconds }) =>
      traceLine({
        ...{ submitter, atSeconds, gradingSeconds: endedSeconds - claimedSeconds },
        ...{ delaySeconds: 0, isImmediate: false },
      }),
  );
  await writeFile(trace, lines.join(''));
  const args = [CLI, 'simulate', trace, '--workers', '1', '--slots', String(SLOTS), '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { waits }: { waits: Waits } = JSON.parse(stdout);
  return waits;
}
