import { ERROR_CHARACTERS_MAX, ERRORS_MAX } from './api-error.ts';
import { count } from './count.ts';
import type { ImageBuildLog, ImageBuildOutcome } from './image-build.ts';
import { plainLine, plainText } from './plain-text.ts';

/** One step of a build: the instruction, what it printed, why it failed. */
export interface BuildStep {
  readonly step: string;
  readonly output: string;
  readonly error?: string;
}

/** A build that ended. */
export interface BuildReport {
  readonly sha: string;
  readonly wasSuccessful: boolean;
  /** Why it failed. */
  readonly reason: string | null;
  readonly steps: readonly BuildStep[];
  /** Remarks of `parseImageBuildRequest`. */
  readonly notes: readonly string[];
  readonly durationMs: number;
  readonly imageBytes: number | null;
}

/** Most bytes, in UTF-8, of all texts of an outcome's log. */
export const BUILD_LOG_BYTES_MAX = 64 * 1024;

/** Most characters of the reason for a failure, and of a step's error. */
const REASON_CHARACTERS_MAX = 2000;
/** Room for the entry that says how much was left out. */
const OMISSION_BYTES = 200;
const MIB = 1024 * 1024;
const SECOND_MS = 1000;

const encoder = new TextEncoder();
// What stands before a text is kept, also a byte-order mark.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Makes the body of the POST that tells a client how a build ended. Its log names the image first, then the remarks, then
 * the steps; it keeps the newest of what the steps printed, and says how much of the older is left out. Every text is
 * plain: well-formed, without NUL and without colours.
 */
export function buildOutcome(report: BuildReport): ImageBuildOutcome {
  const head = [summaryOf(report), ...report.notes.slice(0, ERRORS_MAX).map(noteEntry)];
  const steps = report.steps.map(stepEntry);
  const room = BUILD_LOG_BYTES_MAX - bytesOf(head);
  const logs = [...head, ...(bytesOf(steps) <= room ? steps : newestOf(steps, room - OMISSION_BYTES))];
  return { was_successful: report.wasSuccessful, logs };
}

function summaryOf({ sha, wasSuccessful, reason, durationMs, imageBytes }: BuildReport): ImageBuildLog {
  const step = `grader image ${plainLine(sha, ERROR_CHARACTERS_MAX)}`;
  if (!wasSuccessful) {
    return { step, error: plainLine(reason ?? '', REASON_CHARACTERS_MAX) || 'the build failed' };
  }
  const took = `built in ${Math.max(1, Math.round(durationMs / SECOND_MS))} s`;
  return { step, output: imageBytes === null ? took : `${took}, ${Math.ceil(imageBytes / MIB)} MiB` };
}

function noteEntry(note: string): ImageBuildLog {
  return { step: 'note', output: plainLine(note, ERROR_CHARACTERS_MAX) };
}

function stepEntry({ step, output, error }: BuildStep): ImageBuildLog {
  return {
    step: plainLine(step, ERROR_CHARACTERS_MAX),
    output: plainText(output),
    ...(error !== undefined && { error: plainLine(error, REASON_CHARACTERS_MAX) }),
  };
}

function bytesOf(entries: readonly ImageBuildLog[]): number {
  let bytes = 0;
  for (const { step, output = '', error = '' } of entries) {
    for (const text of [step, output, error]) bytes += encoder.encode(text).length;
  }
  return bytes;
}

/** The newest steps that have room, the oldest of them without the beginning of its output. */
function newestOf(steps: readonly ImageBuildLog[], room: number): ImageBuildLog[] {
  const kept: ImageBuildLog[] = [];
  let left = room;
  let next = steps.length - 1;
  for (; next >= 0; next--) {
    const entry = steps[next];
    if (entry === undefined || bytesOf([entry]) > left) break;
    kept.push(entry);
    left -= bytesOf([entry]);
  }
  const cut = steps[next];
  const output = cut === undefined ? '' : endOf(cut.output ?? '', left - bytesOf([{ ...cut, output: '' }]));
  if (cut !== undefined && output !== '') {
    kept.push({ ...cut, output });
    next--;
  }
  const droppedBytes = bytesOf(steps) - bytesOf(kept);
  const whole = next < 0 ? '' : `, with ${count(next + 1, 'whole step')}`;
  const omission = { step: 'left out', output: `${count(droppedBytes, 'byte')} of the older log${whole}` };
  return [omission, ...kept.reverse()];
}

/** The end of a text, at most so many bytes of UTF-8, without half a character. */
function endOf(text: string, bytesMax: number): string {
  if (bytesMax <= 0) return '';
  const bytes = encoder.encode(text);
  let start = Math.max(0, bytes.length - bytesMax);
  while (isInsideCharacter(bytes[start])) start++;
  return decoder.decode(bytes.subarray(start));
}

/** Bytes 10xxxxxx go on with a character. */
function isInsideCharacter(byte: number | undefined): boolean {
  return byte !== undefined && byte >> 6 === 0b10;
}
