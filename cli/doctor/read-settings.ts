import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Environment } from '@orca/daemon';
import { fieldOf, textsOf } from '../json-fields.ts';
import { REPOSITORY } from '../repository.ts';
import type { Role } from './check.ts';

/** The settings of this machine's programs, as they read them themselves. */
export interface MachineSettings {
  /** The value of a setting as text; '' where it has none, or is a secret. */
  text(name: string): string;
  /** The value of a setting that is a number; `null` where it has none. */
  number(name: string): number | null;
  /** All that the programs refuse to start with, in sentences. */
  readonly problems: readonly string[];
}

const ASK_TIMEOUT_MS = 15_000;
const FLAG = '--print-settings';
const PROGRAMS = {
  orchestrator: [
    [REPOSITORY.orchestrator, 'server', FLAG],
    [REPOSITORY.orchestrator, 'image-builder', FLAG],
  ],
  worker: [[REPOSITORY.worker, FLAG]],
} as const;

/**
 * Asks the programs of a role for their settings: from the environment, and from `.env` in the working folder.
 *
 * @throws {Error} when one of them does not answer
 */
export async function readSettings(role: Role, env: Environment): Promise<MachineSettings> {
  const programs = role === 'all' ? [...PROGRAMS.orchestrator, ...PROGRAMS.worker] : PROGRAMS[role];
  const answers = await Promise.all(programs.map((program) => ask(program, env)));
  const values = Object.assign({}, ...answers.map((answer) => fieldOf(answer, 'values')));
  return settingsOf(
    values,
    answers.flatMap((answer) => textsOf(answer, 'problems')),
  );
}

/** Settings of which the values are known: pure. */
export function settingsOf(values: object, problems: readonly string[]): MachineSettings {
  return {
    text: (name) => String(fieldOf(values, name) ?? ''),
    number: (name) => {
      const value = fieldOf(values, name);
      return typeof value === 'number' ? value : null;
    },
    problems: [...new Set(problems)],
  };
}

async function ask(program: readonly string[], env: Environment): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.execPath, program, { env, timeout: ASK_TIMEOUT_MS });
  return JSON.parse(stdout);
}
