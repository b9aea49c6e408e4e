import { writeFile } from 'node:fs/promises';
import { COMMANDS_PAGE, commandsPage } from './commands-page.ts';

// `npm run docs:commands`, after a change of any command, option, example or exit status.
await writeFile(COMMANDS_PAGE, commandsPage());
