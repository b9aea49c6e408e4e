import {
  type CommandLimit,
  type FullDisk,
  type HarnessEnding,
  SANDBOX_DISKS,
  type StepFinished,
} from '@orca/protocol/sandbox-plan';
import { HarnessError } from './read-frames.ts';

// Each message is looked at field by field: what is in it ends in a grade.

const SENTENCE_CHARACTERS_MAX = 1_000;
const STATUS_MAX = 255;
const SIGNAL_MAX = 64;

const COMMAND_LIMITS = ['memory', 'pids', 'disk', 'step_time', 'job_time'] as const satisfies CommandLimit[];

/** @throws {HarnessError} when it is no step's index */
export function parseStep(bytes: Buffer, steps: number): number {
  return indexOf(membersOf(bytes)['step'], steps);
}

/**
 * Checks the report of a command that has ended.
 *
 * @param steps how many steps there are
 * @throws {HarnessError} when it is none
 */
export function parseStepFinished(bytes: Buffer, steps: number): StepFinished {
  const message = membersOf(bytes);
  const limit = COMMAND_LIMITS.find((known) => known === message['limit']) ?? null;
  return {
    step: indexOf(message['step'], steps),
    status: statusOf(message['status']),
    limit,
    full: fullDiskOf(message['full'] ?? null),
    stdoutBytes: amountOf(message['stdoutBytes']),
    stderrBytes: amountOf(message['stderrBytes']),
    wallMs: amountOf(message['wallMs']),
    cpuMs: amountOf(message['cpuMs']),
    memoryPeakBytes: amountOf(message['memoryPeakBytes']),
  };
}

/**
 * Checks the last word of a harness.
 *
 * @param files the keys of the job's files
 * @throws {HarnessError} when it is none
 */
export function parseEnding(bytes: Buffer, steps: number, files: readonly string[]): HarnessEnding {
  const message = membersOf(bytes);
  const { kind } = message;
  switch (kind) {
    case 'output':
      return { kind, step: indexOf(message['step'], steps) };
    case 'abort':
    case 'job_time':
    case 'disk':
    case 'memory':
      return { kind };
    case 'refused': {
      const file = files.find((name) => name === message['file']);
      if (file === undefined) throw new HarnessError('Cannot read an ending: it names no file of the job');
      return { kind, file, sentence: sentenceOf(message['sentence']) };
    }
    case 'failed':
      return { kind, sentence: sentenceOf(message['sentence']) };
    default:
      throw new HarnessError('Cannot read an ending: it is of no known kind');
  }
}

function membersOf(bytes: Buffer): Record<string, unknown> {
  try {
    return objectOf(JSON.parse(bytes.toString()));
  } catch (cause) {
    throw new HarnessError('Cannot read a message: it is no JSON object', { cause });
  }
}

function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null) return { ...value };
  throw new HarnessError('Cannot read a message: a part of it is no object');
}

function indexOf(value: unknown, count: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < count) return value;
  throw new HarnessError('Cannot read a message: it names no step of the job');
}

function statusOf(value: unknown): number | null {
  if (value === null) return null;
  const isStatus = typeof value === 'number' && Number.isInteger(value);
  if (isStatus && value >= -SIGNAL_MAX && value <= STATUS_MAX) return value;
  throw new HarnessError('Cannot read a message: its status is none');
}

function fullDiskOf(value: unknown): FullDisk | null {
  if (value === null) return null;
  const { path, what, amount } = { path: null, what: null, amount: null, ...objectOf(value) };
  const disk = SANDBOX_DISKS.find((known) => known === path);
  if (disk === undefined || (what !== 'bytes' && what !== 'files'))
    throw new HarnessError('Cannot read a message: it names no disk');
  return { path: disk, what, amount: amountOf(amount) };
}

function amountOf(value: unknown): number {
  if (typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER) return value;
  throw new HarnessError('Cannot read a message: an amount is none');
}

/** It ends in a result and in logs: no line breaks, nothing that a terminal obeys. */
function sentenceOf(value: unknown): string {
  if (typeof value !== 'string') throw new HarnessError('Cannot read a message: its sentence is none');
  return value.slice(0, SENTENCE_CHARACTERS_MAX).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ');
}
