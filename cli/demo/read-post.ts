import type { Score, TestRecord } from '@orca/protocol';
import { fieldOf, listOf, numberOf, textOf, textsOf } from '../json-fields.ts';

/** One command of a result, as far as the demo looks at it. */
export interface ReceivedCommand {
  /** As written in the script. */
  readonly cmd: string | readonly string[];
  /** `null` after a time-out, −N after signal N. */
  readonly status: number | null;
  /** The kind of limit that was hit, or `null`. */
  readonly limit: string | null;
  /** That limit in words, or `null`. */
  readonly sentence: string | null;
  readonly stderr: string;
}

/** A test of a result. */
export type ReceivedTest = Pick<TestRecord, 'name' | 'message'> & { readonly status: string };

/** A result, as far as the demo looks at it. */
export interface ReceivedResult {
  readonly commands: readonly ReceivedCommand[];
  readonly errors: readonly string[];
  readonly errorCodes: readonly string[];
  /** `null` where the output was in no known format. */
  readonly tests: readonly ReceivedTest[] | null;
  readonly score: Score | null;
  /** Phase → milliseconds, by the contract's names. */
  readonly timings: ReadonlyMap<string, number>;
}

/** How the build of an image ended, as a client is told. */
export interface BuildOutcome {
  readonly wasSuccessful: boolean;
  /** Untrusted: what the build printed. `output` and `error` are '' where there is none. */
  readonly logs: readonly { readonly step: string; readonly output: string; readonly error: string }[];
}

/** What a client can receive. */
export type ReceivedPost =
  | { readonly kind: 'status'; readonly key: string; readonly location: string }
  | { readonly kind: 'result'; readonly key: string; readonly result: ReceivedResult }
  | { readonly kind: 'build'; readonly outcome: BuildOutcome }
  | { readonly kind: 'unknown' };

/** Reads the body of a POST as a client does: what has `shell_responses` or `errors` is a result, what has
 * `was_successful` tells how a build ended. */
export function readPost(body: string): ReceivedPost {
  const json = parse(body);
  const wasSuccessful = fieldOf(json, 'was_successful');
  if (typeof wasSuccessful === 'boolean')
    return { kind: 'build', outcome: { wasSuccessful, logs: listOf(json, 'logs').map(readLogEntry) } };
  const key = textOf(json, 'key');
  if (key === null) return { kind: 'unknown' };
  if (fieldOf(json, 'shell_responses') !== undefined || fieldOf(json, 'errors') !== undefined)
    return { kind: 'result', key, result: readResult(json) };
  const location = textOf(fieldOf(json, 'status'), 'location');
  return location === null ? { kind: 'unknown' } : { kind: 'status', key, location };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

function readLogEntry(entry: unknown): BuildOutcome['logs'][number] {
  return {
    step: textOf(entry, 'step') ?? '',
    output: textOf(entry, 'output') ?? '',
    error: textOf(entry, 'error') ?? '',
  };
}

function readResult(json: unknown): ReceivedResult {
  const score = fieldOf(json, 'score');
  const earned = numberOf(score, 'earned');
  const available = numberOf(score, 'available');
  return {
    commands: listOf(json, 'shell_responses').map((response) => ({
      cmd: textOf(response, 'cmd') ?? textsOf(response, 'cmd'),
      status: numberOf(response, 'status_code'),
      limit: textOf(fieldOf(response, 'limit'), 'kind'),
      sentence: textOf(fieldOf(response, 'limit'), 'sentence'),
      stderr: textOf(response, 'stderr') ?? '',
    })),
    errors: textsOf(json, 'errors'),
    errorCodes: textsOf(json, 'error_codes'),
    tests: fieldOf(json, 'tests') === undefined ? null : listOf(json, 'tests').map(readTest),
    score: earned === null || available === null ? null : { earned, available },
    timings: readTimings(fieldOf(json, 'timings')),
  };
}

function readTest(test: unknown): ReceivedTest {
  const message = textOf(test, 'message');
  return {
    name: textOf(test, 'name') ?? '',
    status: textOf(test, 'status') ?? '',
    ...(message === null ? {} : { message }),
  };
}

function readTimings(timings: unknown): Map<string, number> {
  const entries = typeof timings === 'object' && timings !== null ? Object.entries(timings) : [];
  return new Map(entries.filter((entry): entry is [string, number] => typeof entry[1] === 'number'));
}
