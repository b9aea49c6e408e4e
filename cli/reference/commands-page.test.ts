import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Command, Option } from 'commander';
import { giveManual } from '../manual.ts';
import { COMMANDS_PAGE, commandsPage } from './commands-page.ts';
import { renderCommandsPage } from './render-commands.ts';

/** Tables are aligned in the file: spaces and the rules' length do not count. */
const unaligned = (text: string): string => text.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---');

test('docs/reference/commands.md says of every command what the program says', async () => {
  const page = await readFile(COMMANDS_PAGE, 'utf8');
  assert.equal(unaligned(page), unaligned(commandsPage()), 'run "npm run docs:commands"');
  for (const name of ['up', 'demo', 'images build', 'keys', 'doctor', 'validate', 'grade', 'submit', 'test'])
    assert.ok(page.includes(`\n## orca ${name}\n`), name);
});

test('renderCommandsPage() tells choices, defaults and exit statuses, and escapes what Markdown would read', () => {
  const program = new Command('orca');
  const command = program
    .command('cook')
    .description('cook <this> or | that')
    .argument('<dish>', 'what')
    .addOption(new Option('--heat <how>', 'how hot').choices(['low', 'high']).default('low'))
    .option('--fast', 'soon', false);
  giveManual(command, { exits: { 1: 'it is burnt', 0: 'it is done' }, examples: ['orca cook soup'] });
  const page = renderCommandsPage(program);
  for (const part of [
    '## orca cook\n\nCook \\<this> or | that.\n',
    '| `dish` | What. |',
    '| `--heat <how>` | How hot. One of `low`, `high`. Unless it is given: low. |',
    '| `--fast` | Soon. |',
    '| 0 | it is done |\n| 1 | it is burnt |\n| 2 | wrong usage |',
    '```sh\norca cook soup\n```',
  ])
    assert.ok(page.includes(part), `${part}\n\nin\n\n${page}`);
});
