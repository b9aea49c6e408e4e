import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GradingJobConfig } from '@orca/protocol';

/** What one command of an attack must have come to. A text is a pattern; a list of texts is what stands there exactly. */
export interface ExpectedCommand {
  readonly status: number | null;
  readonly timed_out?: boolean;
  readonly stdout?: string | readonly string[];
  readonly stderr?: string | readonly string[];
  /** `kind: sentence`; left out: no limit was hit. */
  readonly limit?: string;
}

/** A job of an attack. */
export interface AttackJob {
  readonly script: GradingJobConfig['script'];
  readonly limits?: GradingJobConfig['limits'];
  /** Cancelled by its client as soon as its first command has ended. */
  readonly is_cancelled?: true;
  /** One pattern for each error of the result, in order; left out: there is none. */
  readonly errors?: readonly string[];
  readonly commands: readonly ExpectedCommand[];
  /**
   * The kernel chooses whom it kills. Where it is the harness, there are the errors; where it is the command, there are
   * none, and it may have ended in any way but well.
   */
  readonly may_die?: true;
  /** What stands in the result's `output`; left out: there is none. */
  readonly output?: string | readonly string[];
  /** Patterns that the whole result, as it was POSTed, must not match. */
  readonly never?: readonly string[];
}

/** A row of attacks, as data: a folder with `attack.json` and the submission's files. */
export interface Attack {
  /** Such as `S02`, the folder's name being `S02-…`. */
  readonly row: string;
  /** What it tries, in a sentence. */
  readonly tries: string;
  /** Run one after the other, or at once. */
  readonly jobs: readonly AttackJob[];
  readonly together?: true;
  /** Whether `secrets.txt` is added to the submission: all that it must not find, disguised. */
  readonly looks_for_secrets?: true;
  /** Whether it runs on the image of `hostile-grader.Dockerfile`, else on the base image. */
  readonly needs_image?: true;
  readonly folder: string;
  readonly files: readonly { readonly name: string; readonly content: Buffer }[];
}

const FOLDER = join(import.meta.dirname, 'attacks');
const DESCRIPTION = 'attack.json';

// A misspelt expectation would expect nothing.
const KNOWN = {
  attack: ['row', 'tries', 'jobs', 'together', 'looks_for_secrets', 'needs_image'],
  job: ['script', 'limits', 'is_cancelled', 'errors', 'commands', 'may_die', 'output', 'never'],
  command: ['status', 'timed_out', 'stdout', 'stderr', 'limit'],
};

/** Reads all attacks, in the order of their rows. */
export async function readAttacks(): Promise<Attack[]> {
  const folders = (await readdir(FOLDER)).sort();
  return Promise.all(folders.map(readAttack));
}

async function readAttack(folder: string): Promise<Attack> {
  const read = (name: string): Promise<Buffer> => readFile(join(FOLDER, folder, name));
  const names = (await readdir(join(FOLDER, folder))).sort();
  const attack: Attack = JSON.parse((await read(DESCRIPTION)).toString());
  refuseUnknown(folder, attack, KNOWN.attack);
  for (const job of attack.jobs) {
    refuseUnknown(folder, job, KNOWN.job);
    for (const command of job.commands) refuseUnknown(folder, command, KNOWN.command);
  }
  if (!folder.startsWith(`${attack.row}-`)) throw new Error(`${folder} says that it is ${attack.row}`);
  const submitted = names.filter((name) => name !== DESCRIPTION);
  return {
    ...attack,
    folder,
    files: await Promise.all(submitted.map(async (name) => ({ name, content: await read(name) }))),
  };
}

function refuseUnknown(folder: string, value: object, known: readonly string[]): void {
  const unknown = Object.keys(value).filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`${folder} has unknown members: ${unknown.join(', ')}`);
}
