import type { Score } from '@orca/protocol';
import { fieldOf, listOf, numberOf, textOf, textsOf } from '../json-fields.ts';
import { UserError } from '../user-error.ts';

/** What a submission of an example has to come to. */
export interface ExpectedResult {
  readonly outcome: 'graded' | 'failed' | 'cancelled';
  readonly errorCodes: readonly string[];
  /** The commands that ran, in their order. */
  readonly commands: readonly ExpectedCommand[];
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  readonly score: Score | null;
}

/** A command that has to run. */
export interface ExpectedCommand {
  /** By which the script knows it. */
  readonly label: string;
  /** `null` for a time-out. */
  readonly status: number | null;
  /** The kind of limit that it has to hit, or `null`. */
  readonly limit: string | null;
}

const OUTCOMES = ['graded', 'failed', 'cancelled'] as const;

/**
 * Reads an example's `expected.json`: by the name of each submission, what it has to come to.
 *
 * @param where the file, for errors
 * @throws {UserError} when it does not say all that it has to
 */
export function readExpected(json: unknown, where: string): Map<string, ExpectedResult> {
  if (typeof json !== 'object' || json === null)
    throw new UserError(`Cannot read "${where}": it is no JSON object`);
  return new Map(
    Object.entries(json).map(([submission, expected]) => [
      submission,
      readOne(expected, `"${submission}" in "${where}"`),
    ]),
  );
}

function readOne(expected: unknown, where: string): ExpectedResult {
  const outcome = OUTCOMES.find((known) => known === textOf(expected, 'outcome'));
  if (outcome === undefined)
    throw new UserError(`Cannot read ${where}: its outcome is not one of ${OUTCOMES.join(', ')}`);
  const tests = fieldOf(expected, 'tests');
  return {
    outcome,
    errorCodes: textsOf(expected, 'error_codes'),
    commands: listOf(expected, 'commands').map((command) => readCommand(command, where)),
    passed: textsOf(tests, 'passed'),
    failed: textsOf(tests, 'failed'),
    score: readScore(fieldOf(expected, 'score'), where),
  };
}

function readCommand(command: unknown, where: string): ExpectedCommand {
  const label = textOf(command, 'label');
  const status = fieldOf(command, 'status');
  if (label === null || (status !== null && typeof status !== 'number'))
    throw new UserError(`Cannot read ${where}: each of its commands needs a label and a status`);
  return { label, status, limit: textOf(command, 'limit') };
}

function readScore(score: unknown, where: string): Score | null {
  if (score === undefined || score === null) return null;
  const earned = numberOf(score, 'earned');
  const available = numberOf(score, 'available');
  if (earned === null || available === null)
    throw new UserError(`Cannot read ${where}: its score needs "earned" and "available"`);
  return { earned, available };
}
