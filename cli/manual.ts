import type { Command } from 'commander';

/** What is said of a command beside its options: in its `--help`, and in docs/reference/commands.md. */
export interface Manual {
  /** For who wants to know more; lines that fit a terminal. */
  readonly about?: string;
  /** What each exit status means, beside 2, which every command has for wrong usage. */
  readonly exits: Readonly<Record<number, string>>;
  /** What 2 means here beside wrong usage: `a file that cannot be read`. */
  readonly usageToo?: string;
  /** Command lines, each with a remark where it needs one. */
  readonly examples: readonly (string | readonly [line: string, remark: string])[];
}

const USAGE = 'wrong usage';
const REMARK_COLUMN = 40;

const manuals = new WeakMap<Command, Manual>();

/** Gives a command its manual, and shows it behind the options of its `--help`. */
export function giveManual(command: Command, manual: Manual): Command {
  manuals.set(command, manual);
  const about = manual.about === undefined ? '' : `\n${manual.about.trim()}\n`;
  const exits = exitsOf(manual).map(([status, meaning]) => `  ${status.padEnd(4)} ${meaning}\n`);
  const examples = manual.examples.map((example) => `  ${renderExample(example)}\n`);
  return command.addHelpText(
    'after',
    `${about}\nExit status:\n${exits.join('')}\nExamples:\n${examples.join('')}`.trimEnd(),
  );
}

/** The manual of a command; `undefined` where it was given none. */
export function manualOf(command: Command): Manual | undefined {
  return manuals.get(command);
}

/** The statuses of a command with their meanings, in their order. */
export function exitsOf({ exits, usageToo }: Manual): [status: string, meaning: string][] {
  const usage = usageToo === undefined ? USAGE : `${USAGE}, or ${usageToo}`;
  // Keys that are whole numbers stand in their order, whatever that of writing was.
  return Object.entries({ ...exits, 2: usage });
}

/** An example as a line that can be copied, its remark behind it. */
export function renderExample(example: Manual['examples'][number]): string {
  if (typeof example === 'string') return example;
  const [line, remark] = example;
  return `${line.padEnd(REMARK_COLUMN)}  # ${remark}`;
}
