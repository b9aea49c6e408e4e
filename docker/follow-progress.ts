import { fieldAt } from './answer-fields.ts';
import { EngineError } from './engine-error.ts';
import { readJsonLines } from './read-json-lines.ts';

/**
 * Reads a progress stream to its end: an engine that fails half-way has long said 200.
 *
 * @param what `Cannot <action> "<value>"`, for the error
 * @param onMessage sees each message before it is judged, and ends it all by throwing
 * @throws {EngineError} `engine_refused` with the error in the stream as its `reason`; `engine_unreachable` when the
 *   connection breaks; `engine_answer_invalid` for what is no progress stream
 * @throws the signal's reason when it aborts
 */
export async function followProgress(
  answer: AsyncIterable<Buffer>,
  what: string,
  onMessage: (message: unknown) => void,
  signal?: AbortSignal,
): Promise<void> {
  for await (const message of readJsonLines(explainBreaks(answer, what, signal))) {
    onMessage(message);
    const reason = errorIn(message);
    if (reason !== null) {
      throw new EngineError('engine_refused', `${what}: ${reason}`, { status: 200, reason });
    }
  }
}

/**
 * The error that a message of a progress stream reports.
 *
 * @returns its text; `null` for a message without one
 */
export function errorIn(message: unknown): string | null {
  // The first is the old member, which newer engines may leave out.
  for (const text of [fieldAt(message, 'error'), fieldAt(message, 'errorDetail', 'message')]) {
    if (typeof text === 'string') return text;
  }
  return fieldAt(message, 'errorDetail') === undefined ? null : 'it does not say why';
}

/**
 * What a stream that broke means: an aborted one ends with an error of its own too.
 *
 * @param what `Cannot <action> "<value>"`
 * @returns the signal's reason once it has aborted, else an `engine_unreachable`
 */
export function explainBreak(error: unknown, what: string, signal?: AbortSignal): unknown {
  if (signal?.aborted) return signal.reason;
  const reason = error instanceof Error ? error.message : String(error);
  return new EngineError('engine_unreachable', `${what}: the engine broke off (${reason})`, { cause: error });
}

async function* explainBreaks(
  answer: AsyncIterable<Buffer>,
  what: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  try {
    yield* answer;
  } catch (error) {
    throw explainBreak(error, what, signal);
  }
}
