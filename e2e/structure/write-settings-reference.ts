import { writeFile } from 'node:fs/promises';
import { renderSettingsPage, SETTINGS_PAGE } from './settings-reference.ts';

// `npm run docs:settings`, after a change of any program's settings.
await writeFile(SETTINGS_PAGE, await renderSettingsPage());
