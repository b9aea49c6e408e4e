import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GradingScript } from '@orca/protocol';
import { textOf } from '../json-fields.ts';
import { USAGE_STATUS, UserError } from '../user-error.ts';
import { type ExpectedResult, readExpected } from './expected-result.ts';
import { listExamples } from './list-examples.ts';

/** A grader of `examples/`. */
export interface Example {
  readonly name: string;
  readonly folder: string;
  /** `job.json`: a grading job with `{{…}}` where submissions differ. */
  readonly jobTemplate: unknown;
  /** What its image is built of. */
  readonly dockerfile: string;
  /** The SHA-256 of its Dockerfile, by which the image is known. */
  readonly imageSha: string;
  /** What each of its submissions has to come to, in the order of `expected.json`. */
  readonly expected: ReadonlyMap<string, ExpectedResult>;
}

/**
 * Loads examples.
 *
 * @param names folders of `root`; none: all of them
 * @throws {UserError} with the status of wrong usage for a name that is no example; for an example whose files do not fit
 */
export async function loadExamples(root: string, names: readonly string[]): Promise<Example[]> {
  const known = listExamples(root);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new UserError(`Cannot find the example "${unknown}": there are ${known.join(', ')}`, {
      status: USAGE_STATUS,
    });
  const wanted = names.length > 0 ? names : known;
  return Promise.all(wanted.map((name) => loadExample(join(root, name), name)));
}

async function loadExample(folder: string, name: string): Promise<Example> {
  const expectedPath = join(folder, 'expected.json');
  const [dockerfile, job, expected] = await Promise.all([
    readDockerfile(folder),
    readJson(join(folder, 'job.json')),
    readJson(expectedPath),
  ]);
  return {
    name,
    folder,
    jobTemplate: job,
    dockerfile,
    imageSha: createHash('sha256').update(dockerfile).digest('hex'),
    expected: readExpected(expected, expectedPath),
  };
}

/** What `image.json` names: a file of the example, or one that several share. */
async function readDockerfile(folder: string): Promise<string> {
  const path = join(folder, 'image.json');
  const dockerfile = textOf(await readJson(path), 'dockerfile');
  if (dockerfile === null)
    throw new UserError(`Cannot use "${path}": it has to name the Dockerfile, as { "dockerfile": "<path>" }`);
  return readFile(join(folder, dockerfile), 'utf8');
}

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UserError(`Cannot read "${path}": it is no JSON (${cause})`, { cause });
  }
}

/** The commands of a script by their labels, those of its sub-scripts too. */
export function commandsByLabel(script: GradingScript): Map<string, string | string[]> {
  const found = new Map<string, string | string[]>();
  const visit = (list: GradingScript): void => {
    for (const command of list) {
      if ('cmd' in command && command.label !== undefined) found.set(command.label, command.cmd);
      const edges =
        'cmd' in command ? [command.on_complete, command.on_fail] : [command.on_true, command.on_false];
      for (const edge of edges) if (Array.isArray(edge)) visit(edge);
    }
  };
  visit(script);
  return found;
}
