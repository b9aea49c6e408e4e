import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { renderSettingsPage, SETTINGS_PAGE } from './settings-reference.ts';

/** Tables are aligned in the file: spaces and the rules' length do not count. */
const unaligned = (text: string): string => text.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---');

test('docs/reference/settings.md says of every setting what the programs say', async () => {
  const page = unaligned(await readFile(SETTINGS_PAGE, 'utf8'));
  assert.equal(page, unaligned(await renderSettingsPage()), 'run "npm run docs:settings"');
  for (const name of ['POSTGRES_URL', 'API_PORT', 'ORCA_WEB_SERVER_HOST', 'ENVIRONMENT'])
    assert.ok(page.includes(`| \`${name}\` |`), name);
});
