import { isDeepStrictEqual } from 'node:util';
import type { ExpectedCommand, ExpectedResult } from './expected-result.ts';
import type { ReceivedCommand, ReceivedResult } from './read-post.ts';

/**
 * Compares what came with what had to come.
 *
 * @param received the result, and the sentence of the status route
 * @param context the script's commands by their labels, and the sentence that the outcome has to give
 * @returns the differences, a sentence each; none when all is as it has to be
 */
export function compareResult(
  expected: ExpectedResult,
  received: { readonly result: ReceivedResult; readonly sentence: string },
  context: { readonly commands: ReadonlyMap<string, unknown>; readonly sentence: string },
): string[] {
  const { result, sentence } = received;
  const tests = result.tests ?? [];
  const failed = tests.filter((test) => test.status !== 'passed').map((test) => test.name);
  const passed = tests.filter((test) => test.status === 'passed').map((test) => test.name);
  return [
    ...differ('status', context.sentence, sentence),
    ...differ('error_codes', expected.errorCodes, result.errorCodes),
    ...compareCommands(expected.commands, result.commands, context.commands),
    ...compareNames('passed', expected.passed, passed),
    ...compareNames('failed', expected.failed, failed),
    ...differ('score', expected.score, result.score),
  ];
}

function differ(what: string, expected: unknown, received: unknown): string[] {
  if (isDeepStrictEqual(expected, received)) return [];
  return [`${what}: ${JSON.stringify(expected)} was expected, ${JSON.stringify(received)} came`];
}

function compareCommands(
  expected: readonly ExpectedCommand[],
  received: readonly ReceivedCommand[],
  byLabel: ReadonlyMap<string, unknown>,
): string[] {
  const labelOf = ({ cmd }: ReceivedCommand): string =>
    [...byLabel].find(([, known]) => isDeepStrictEqual(known, cmd))?.[0] ?? JSON.stringify(cmd);
  const show = (label: string, status: number | null, limit: string | null): string =>
    `${label} (${status === null ? 'time-out' : `status ${status}`}${limit === null ? '' : `, limit: ${limit}`})`;
  const wanted = expected.map(({ label, status, limit }) => show(label, status, limit));
  const came = received.map((command) => show(labelOf(command), command.status, command.limit));
  if (isDeepStrictEqual(wanted, came)) return [];
  return [`commands: ${wanted.join(', ') || 'none'} were expected; ${came.join(', ') || 'none'} ran`];
}

function compareNames(what: string, expected: readonly string[], received: readonly string[]): string[] {
  const missing = expected.filter((name) => !received.includes(name));
  const surplus = received.filter((name) => !expected.includes(name));
  return [
    ...missing.map((name) => `tests: "${name}" should have ${what}`),
    ...surplus.map((name) => `tests: "${name}" should not have ${what}`),
  ];
}
