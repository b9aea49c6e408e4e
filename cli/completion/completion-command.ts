import type { Command } from 'commander';
import { describeProgram } from './describe-program.ts';
import type { OfferedCommand } from './offer.ts';
import type { Shell } from './register.ts';
import { renderBash } from './render-bash.ts';
import { renderFish } from './render-fish.ts';
import { renderZsh } from './render-zsh.ts';

const RENDERERS = { bash: renderBash, zsh: renderZsh, fish: renderFish } as const satisfies Record<
  Shell,
  (program: OfferedCommand) => string
>;

/** `orca completion`: prints a script for a shell, made of the program itself. @returns the exit status */
export async function runCompletion(shell: Shell, program: Command): Promise<number> {
  process.stdout.write(RENDERERS[shell](describeProgram(program)));
  return 0;
}
