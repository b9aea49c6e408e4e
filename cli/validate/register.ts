import { type Command, Option } from 'commander';
import { giveManual } from '../manual.ts';
import { jsonOption } from '../options.ts';
import { DRAWING_FORMATS, type DrawingFormat } from './drawing-format.ts';

/** What `orca validate` was asked for. */
export interface ValidateOptions {
  readonly format: DrawingFormat;
  /** Whether it is a job for `orca grade`. */
  readonly atHome: boolean;
  readonly json: boolean;
}

/** Does what `orca validate` does. @returns the exit status */
export type RunValidate = (file: string, options: ValidateOptions) => Promise<number>;

/** Adds `orca validate` to the program. */
export function registerValidate(program: Command, run: RunValidate, finish: (status: number) => void): void {
  const command = program
    .command('validate')
    .description('check a grading job or script as the API does, and draw the script as a graph')
    .argument('<file>', 'a job (a JSON object) or a script alone (a list); - for standard input')
    .addOption(
      new Option('--format <format>', 'the picture: boxes for the terminal, Mermaid, or DOT (Graphviz)')
        .choices(DRAWING_FORMATS)
        .conflicts('json'),
    )
    .option(
      '--at-home',
      'check it as "orca grade" does: with local files, and what is left out filled in',
      false,
    )
    .addOption(jsonOption('print one JSON object: valid, what, errors, warnings, steps'))
    .action(async (file, options) =>
      finish(await run(file, { ...options, format: options.format ?? 'boxes' })),
    );
  giveManual(command, {
    about: 'The picture goes to standard output, errors and warnings to standard error.',
    exits: { 0: 'it is valid', 1: 'it is not' },
    usageToo: 'a file that cannot be read',
    examples: [
      'orca validate job.json',
      'orca validate script.json --format mermaid >> README.md',
      'orca validate script.json --format dot | dot -Tsvg > script.svg',
      'orca validate job.json --at-home',
      'generate-job | orca validate - --json',
    ],
  });
}
