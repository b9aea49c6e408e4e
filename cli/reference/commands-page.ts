import { join } from 'node:path';
import { COMMANDS, createProgram } from '../program.ts';
import { REPOSITORY } from '../repository.ts';
import { renderCommandsPage } from './render-commands.ts';

/** Where the reference page of all commands stands. */
export const COMMANDS_PAGE = join(REPOSITORY.root, 'docs/reference/commands.md');

/** The page of the commands as they are. */
export function commandsPage(): string {
  return renderCommandsPage(createProgram(COMMANDS, () => undefined));
}
