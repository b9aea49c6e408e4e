import type { Command } from 'commander';
import { USAGE_STATUS, UserError } from '../user-error.ts';
import type { SimulateOptions } from './register.ts';

const HISTORY = 'jobHistory' satisfies keyof SimulateOptions;
/** What a course is like that is made up. */
const COURSE: readonly string[] = [
  'students',
  'repeaters',
  'repeats',
  'window',
  'deadlineShape',
  'gradingSeconds',
  'seed',
] satisfies (keyof SimulateOptions)[];

/**
 * Refuses options that would be left aside: what is simulated comes out of a file, out of the history, or is made up.
 *
 * @param file the trace, where one is named
 * @param command as it was called
 * @throws {UserError} with the status of wrong usage
 */
export function refuseOtherSources(file: string | undefined, command: Command): void {
  const given = command.options.filter(
    (option) => command.getOptionValueSource(option.attributeName()) === 'cli',
  );
  const history = given.find((option) => option.attributeName() === HISTORY)?.long;
  const course = given.find((option) => COURSE.includes(option.attributeName()))?.long;
  const source = file === undefined ? history : `"${file}"`;
  const other = file === undefined ? course : (history ?? course);
  if (source === undefined || other === undefined) return;
  const what = other === history ? 'replays what was graded' : 'is for a course that is made up';
  throw new UserError(`Cannot simulate ${source} with ${other}: that ${what}. Leave one of them out`, {
    status: USAGE_STATUS,
  });
}
