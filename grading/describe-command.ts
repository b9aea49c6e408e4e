import type { FlatStep, LimitHit } from '@orca/protocol';
import { buildResponse } from './build-result.ts';
import { cutMiddle } from './cut-middle.ts';
import type { SandboxEvent } from './sandbox/sandbox.ts';

/** A command that has ended, short enough to be told of while its job runs. */
export interface DescribedCommand {
  /** Its index in the flattened script. */
  readonly step: number;
  /** A list is shown with spaces between. */
  readonly cmd: string;
  /** Both cut in the middle. Untrusted. */
  readonly stdout: string;
  readonly stderr: string;
  readonly is_error: boolean;
  readonly timed_out: boolean;
  readonly status_code: number | null;
  readonly wall_ms: number;
  readonly output_bytes: number;
  readonly limit?: LimitHit;
}

/** Of each stream, as JSON. */
const OUTPUT_BYTES_MAX = 16 * 1024;
const CMD_BYTES_MAX = 1_024;
const WHY_CUT = 'the result has them';

/**
 * Describes a command that has ended, as its result will show it but for what is cut.
 *
 * @param steps the flattened script
 */
export function describeCommand(
  { report, folders }: Extract<SandboxEvent, { kind: 'step_finished' }>,
  steps: readonly FlatStep[],
): DescribedCommand {
  const shown = buildResponse(report, steps, folders);
  const cmd = typeof shown.cmd === 'string' ? shown.cmd : shown.cmd.join(' ');
  return {
    step: report.step,
    cmd: cutMiddle(cmd.toWellFormed(), CMD_BYTES_MAX, WHY_CUT),
    stdout: cutMiddle(shown.stdout, OUTPUT_BYTES_MAX, WHY_CUT),
    stderr: cutMiddle(shown.stderr, OUTPUT_BYTES_MAX, WHY_CUT),
    is_error: shown.is_error,
    timed_out: shown.timed_out,
    status_code: shown.status_code,
    wall_ms: Math.round(report.usage.wallMs),
    output_bytes: report.outputBytes,
    ...(shown.limit === undefined ? {} : { limit: shown.limit }),
  };
}
