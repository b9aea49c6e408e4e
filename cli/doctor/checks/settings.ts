import { type Check, EVERYWHERE, fail, ok, type Verdict } from '../check.ts';
import type { DatabaseSource } from '../host.ts';

/** @param problems what the programs would refuse to start with, in sentences */
export function judgeSettings(problems: readonly string[], database: DatabaseSource): Verdict {
  // "orca up" hands its own database on: before it runs there is none to name.
  const isGiven = database.kind !== 'none' || database.isRequired;
  const told = problems.filter((problem) => isGiven || !problem.includes(' POSTGRES_URL: it is not set'));
  if (told.length === 0) return ok('The programs take the settings as they are');
  return fail(
    told.join('; '),
    'set them in the environment or in .env of the folder that the program runs in; docs/reference/settings.md lists all',
  );
}

/** Whether the programs of this machine would start. */
export const settingsCheck: Check = {
  name: 'settings',
  roles: EVERYWHERE,
  run: async ({ settings, database }) => judgeSettings(settings.problems, database),
};
