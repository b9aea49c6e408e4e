import type { FlatStep, JobLimits } from '@orca/protocol';
import { OUTPUT_HEAD_BYTES, OUTPUT_TAIL_BYTES, type StepFinished } from '@orca/protocol/sandbox-plan';
import { describeCutOutput, describeLimit } from './limit-sentences.ts';
import type { StepReport } from './sandbox.ts';

/** A step that runs: what it has printed until now. */
export interface RunningStep {
  readonly step: number;
  /** @returns whether there was room: a harness that sends more than it may is not believed any more */
  addHead(stream: 'stdout' | 'stderr', bytes: Buffer): boolean;
  addTail(stream: 'stdout' | 'stderr', bytes: Buffer): boolean;
  /** The report of a command that has ended. */
  finish(finished: StepFinished): StepReport;
  /** The report of a command under which the sandbox ended. */
  breakOff(limit: 'memory' | 'job_time' | null): StepReport;
}

interface KeptStream {
  head: GrowingBytes;
  tail: Buffer;
}

/**
 * Begins to record a step.
 *
 * @param shell the step of the plan, with variables replaced
 */
export function recordStep(
  step: number,
  shell: Extract<FlatStep, { kind: 'shell' }>,
  limits: JobLimits,
): RunningStep {
  const startedAt = performance.now();
  const streams = { stdout: emptyStream(), stderr: emptyStream() };
  const common = { step, cmd: shell.cmd };
  const stepSeconds = shell.timeoutSeconds;
  return {
    step,
    addHead(stream, bytes) {
      const kept = streams[stream];
      if (kept.head.length + bytes.length > OUTPUT_HEAD_BYTES) return false;
      kept.head = append(kept.head, bytes);
      return true;
    },
    addTail(stream, bytes) {
      streams[stream].tail = bytes;
      return bytes.length <= OUTPUT_TAIL_BYTES;
    },
    finish({ status, limit, full, stdoutBytes, stderrBytes, wallMs, cpuMs, memoryPeakBytes }) {
      const stdout = joinStream(streams.stdout, stdoutBytes);
      const stderr = joinStream(streams.stderr, stderrBytes);
      const dropped = stdout.dropped + stderr.dropped;
      const cut = dropped > 0 ? describeCutOutput(stdoutBytes + stderrBytes) : null;
      return {
        ...common,
        stdout: stdout.bytes,
        stderr: stderr.bytes,
        outputBytes: stdoutBytes + stderrBytes,
        status,
        timedOut: status === null,
        limit:
          limit === null
            ? cut
            : describeLimit({ limit, full, timedOut: status === null }, limits, stepSeconds),
        usage: { wallMs, cpuMs, memoryPeakBytes },
        finished: true,
      };
    },
    breakOff(limit) {
      const stdout = contentOf(streams.stdout.head);
      const stderr = contentOf(streams.stderr.head);
      return {
        ...common,
        stdout,
        stderr,
        outputBytes: stdout.length + stderr.length,
        status: limit === 'memory' ? -SIGKILL : null,
        timedOut: limit === 'job_time',
        limit:
          limit === null ? null : describeLimit({ limit, full: null, timedOut: false }, limits, stepSeconds),
        usage: { wallMs: performance.now() - startedAt, cpuMs: 0, memoryPeakBytes: 0 },
        finished: false,
      };
    },
  };
}

const SIGKILL = 9;

function emptyStream(): KeptStream {
  return { head: { room: Buffer.alloc(0), length: 0 }, tail: Buffer.alloc(0) };
}

/** Bytes that come in pieces: copied together, since a program that writes byte by byte sends a piece for each. */
interface GrowingBytes {
  readonly room: Buffer;
  readonly length: number;
}

const ROOM_BYTES_MIN = 4096;

function append({ room, length }: GrowingBytes, bytes: Buffer): GrowingBytes {
  const needed = length + bytes.length;
  const wider =
    needed <= room.length ? room : Buffer.alloc(Math.max(needed, 2 * room.length, ROOM_BYTES_MIN));
  if (wider !== room) room.copy(wider, 0, 0, length);
  bytes.copy(wider, length);
  return { room: wider, length: needed };
}

const contentOf = ({ room, length }: GrowingBytes): Buffer => room.subarray(0, length);

/**
 * The stdout of a step as it is read for its report: of one that was cut, without the beginning of the line that the cut
 * fell into. `not ok 7 # TODO` cut short may be a whole other line of TAP; the note with the rest behind it is none.
 *
 * @param stdout as a {@link StepReport} has it, not cut any further
 */
export function wholeLines(stdout: Buffer): Buffer {
  // Only a note makes it longer than what is kept, and the note is where the head ends: whoever prints one is not believed.
  if (stdout.length <= OUTPUT_HEAD_BYTES + OUTPUT_TAIL_BYTES) return stdout;
  const head = stdout.subarray(0, OUTPUT_HEAD_BYTES);
  const lineEnd = Math.max(head.lastIndexOf('\n'), head.lastIndexOf('\r'));
  return Buffer.concat([head.subarray(0, lineEnd + 1), stdout.subarray(OUTPUT_HEAD_BYTES + 1)]);
}

/**
 * Beginning and end, with a note between where something is missing. The end follows on the note's own line: it begins in
 * the middle of a line, and no program should take the rest of that for a line of its own.
 */
function joinStream(kept: KeptStream, totalBytes: number): { bytes: Buffer; dropped: number } {
  const dropped = Math.max(0, totalBytes - kept.head.length - kept.tail.length);
  const note = dropped === 0 ? '' : `\n[Orca: ${dropped} bytes were dropped here] `;
  return { bytes: Buffer.concat([contentOf(kept.head), Buffer.from(note), kept.tail]), dropped };
}
