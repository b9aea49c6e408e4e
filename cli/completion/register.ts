import { Argument, type Command } from 'commander';
import { giveManual } from '../manual.ts';

/** The shells that there is a completion for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** One of {@link SHELLS}. */
export type Shell = (typeof SHELLS)[number];

/** Does what `orca completion` does. @returns the exit status */
export type RunCompletion = (shell: Shell, program: Command) => Promise<number>;

const ABOUT = `
To have it, once and for all:

  bash  echo 'source <(orca completion bash)' >> ~/.bashrc
  zsh   echo 'source <(orca completion zsh)' >> ~/.zshrc    (behind compinit)
  fish  orca completion fish > ~/.config/fish/completions/orca.fish

It completes "orca" and "./orca": "orca" is the file in this checkout, or a link
to it in a folder of PATH (ln -s "$PWD/orca" ~/.local/bin/orca).`;

/** Adds `orca completion` to the program. */
export function registerCompletion(
  program: Command,
  run: RunCompletion,
  finish: (status: number) => void,
): void {
  const command = program
    .command('completion')
    .description('print a script that completes commands and options in a shell')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .action(async (shell) => finish(await run(shell, program)));
  giveManual(command, {
    about: ABOUT,
    exits: { 0: 'it is printed', 1: 'it could not be printed' },
    examples: ['source <(orca completion bash)', 'orca completion fish | source'],
  });
}
