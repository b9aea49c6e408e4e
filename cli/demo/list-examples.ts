import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Lists the graders of `examples/` that the demo can run: the folders that hold a `job.json`. Others, such as
 * `trustworthy/`, are for reading and for `orca grade`.
 *
 * @returns their names, in the order of the alphabet
 */
export function listExamples(root: string): string[] {
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, entry.name, 'job.json')))
    .map(({ name }) => name)
    .sort();
}
