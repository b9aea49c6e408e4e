import { EngineError } from './engine-error.ts';

/** Longest line of a progress stream; a `RUN` step's output comes in short ones. */
const LINE_CHARACTERS_MAX = 1024 * 1024;

/**
 * Reads a progress stream of the engine: JSON values, a line each.
 *
 * @throws {EngineError} `engine_answer_invalid` for a line that is no JSON or has no end
 */
export async function* readJsonLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<unknown> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') yield parseLine(line);
    if (rest.length > LINE_CHARACTERS_MAX) parseLine('');
  }
  if (rest.trim() !== '') yield parseLine(rest);
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new EngineError('engine_answer_invalid', 'Cannot read a progress stream: a line is no JSON', {
      cause,
    });
  }
}
