import type { SandboxEvent, StepReport } from '@orca/grading';
import type { FlatStep } from '@orca/protocol';
import type { Paint } from '../paint.ts';
import { cutColumns, showLines, showText } from '../show-text.ts';

/** Where a run is shown. */
export interface LiveOutput {
  readonly columns?: number;
  write(text: string): unknown;
}

const DEFAULT_COLUMNS = 80;
const SECOND_MS = 1_000;

/**
 * Shows a run as it goes: each command, what it prints, how it ended. What programs print is shown as text: it moves no
 * cursor.
 *
 * @returns takes what happens
 */
export function createLiveView(
  steps: readonly FlatStep[],
  output: LiveOutput,
  paint: Paint,
): (event: SandboxEvent) => void {
  // Some terminals do not say, and some say 0.
  const columns = output.columns || DEFAULT_COLUMNS;
  let decoders = createDecoders();
  /** The stream whose line is not ended yet. */
  let open: 'stdout' | 'stderr' | null = null;

  const endLine = (): void => {
    if (open !== null) output.write('\n');
    open = null;
  };
  const print = (stream: 'stdout' | 'stderr', bytes: Buffer): void => {
    const text = decoders[stream].decode(bytes, { stream: true });
    if (text === '') return;
    if (open !== stream) endLine();
    const lines = showLines(text);
    for (const [index, line] of lines.entries()) {
      const isLast = index === lines.length - 1;
      if (isLast && line === '') break;
      const start = open === null ? `${paint('dim', '│')} ` : '';
      output.write(start + (stream === 'stderr' ? paint('yellow', line) : line));
      open = stream;
      if (!isLast) endLine();
    }
  };
  return (event) => {
    switch (event.kind) {
      case 'container':
        break;
      case 'step_started': {
        decoders = createDecoders();
        const title = `▶ ${event.step + 1}  ${describe(steps[event.step])}`;
        output.write(`${paint('bold', cutColumns(title, columns))}\n`);
        break;
      }
      case 'step_output':
        print(event.stream, event.bytes);
        break;
      case 'step_finished':
        endLine();
        output.write(`${describeEnding(event.report, paint)}\n`);
        break;
      default:
        event satisfies never;
    }
  };
}

function createDecoders() {
  return { stdout: new TextDecoder(), stderr: new TextDecoder() };
}

function describe(step: FlatStep | undefined): string {
  if (step?.kind !== 'shell') return '';
  return showText(typeof step.cmd === 'string' ? step.cmd : step.cmd.join(' '));
}

function describeEnding({ status, limit, usage }: StepReport, paint: Paint): string {
  const seconds = `${(usage.wallMs / SECOND_MS).toFixed(2)} s`;
  if (limit !== null && status !== 0) return paint('red', `✗ ${limit.sentence}, after ${seconds}`);
  const note = limit === null ? '' : `, ${limit.sentence}`;
  if (status === 0) return paint('green', `✓ done after ${seconds}${note}`);
  const how = status === null ? 'did not end' : status < 0 ? `signal ${-status}` : `status ${status}`;
  return paint('red', `✗ ${how}, after ${seconds}`);
}
