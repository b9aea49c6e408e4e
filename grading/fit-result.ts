import type { GradingResult, ShellResponse } from '@orca/protocol';
import { cutMiddle, jsonBytes } from './cut-middle.ts';

/** Most bytes of a result's JSON. */
export const RESULT_BYTES_MAX = 8 * 1024 * 1024;

/** What every stream keeps, in bytes of JSON, before the last command's stdout is cut. */
const STREAM_BYTES_MIN = 4 * 1024;

/**
 * The length to which the longest of some streams have to be cut so that all fit together.
 *
 * @returns the limit for each; infinite where nothing has to be cut
 */
export function levelStreams(sizes: readonly number[], budget: number): number {
  let left = budget;
  const shortestFirst = sizes.toSorted((one, other) => one - other);
  for (const [index, size] of shortestFirst.entries()) {
    const share = left / (shortestFirst.length - index);
    if (size > share) return Math.max(0, Math.floor(share));
    left -= size;
  }
  return Number.POSITIVE_INFINITY;
}

/** The result without the records that the client can read from `output` itself, if they alone are too many. */
function dropRecords(result: GradingResult, bytesMax: number): GradingResult {
  if (Buffer.byteLength(JSON.stringify(result.tests ?? [])) <= bytesMax) return result;
  const { tests: _tests, ...rest } = result;
  return rest;
}

/**
 * Cuts a result's streams until its JSON fits: the longest first, in their middle, with a line that says so; the last
 * command's stdout (and `output`, where it is the same) only when every other stream is down to 4 KiB.
 *
 * @returns the result itself where it fits
 */
export function fitResult(result: GradingResult, bytesMax: number = RESULT_BYTES_MAX): GradingResult {
  if (Buffer.byteLength(JSON.stringify(result)) <= bytesMax) return result;
  const kept = dropRecords(result, bytesMax / 2);
  const last = kept.shell_responses.length - 1;
  const bare = kept.shell_responses.map((response) => ({ ...response, stdout: '', stderr: '' }));
  const { output, ...withoutOutput } = kept;
  const frame = Buffer.byteLength(JSON.stringify({ ...withoutOutput, output: '', shell_responses: bare }));
  const budget = Math.max(0, bytesMax - frame);

  const lastStdout = kept.shell_responses[last]?.stdout ?? '';
  const copies = output === undefined ? 1 : 2;
  const sizes = kept.shell_responses.flatMap((response, index) =>
    [response.stderr, ...(index === last ? [] : [response.stdout])].map(jsonBytes),
  );
  const roomForOthers = Math.min(
    budget,
    Math.max(budget - copies * jsonBytes(lastStdout), sumAtMost(sizes, STREAM_BYTES_MIN)),
  );
  const level = levelStreams(sizes, roomForOthers);
  const roomForLast = Math.max(0, budget - sumAtMost(sizes, level)) / copies;

  const cutLast = cutMiddle(lastStdout, roomForLast);
  const cut = (response: ShellResponse, index: number): ShellResponse => ({
    ...response,
    stdout: index === last ? cutLast : cutMiddle(response.stdout, level),
    stderr: cutMiddle(response.stderr, level),
  });
  const responses = kept.shell_responses.map(cut);
  return { ...kept, shell_responses: responses, ...(output === undefined ? {} : { output: cutLast }) };
}

function sumAtMost(sizes: readonly number[], most: number): number {
  return sizes.reduce((sum, size) => sum + Math.min(size, most), 0);
}
