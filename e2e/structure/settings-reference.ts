import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Where the reference page of all settings stands. */
export const SETTINGS_PAGE = `${ROOT}docs/reference/settings.md`;

const PROGRAMS = [
  ['orchestrator/main.ts', 'server'],
  ['orchestrator/main.ts', 'image-builder'],
  ['worker/main.ts'],
] as const;

const HEADING = `# Settings

Environment variables, or lines of \`.env\` in the working folder (which count less). Each program also prints its own with
\`--help\`. [postgres-url.md](postgres-url.md) says what \`POSTGRES_URL\` may hold. This page is made by
\`npm run docs:settings\`.
`;

/** Asks each program for its settings; the page is not aligned yet as the formatter would have it. */
export async function renderSettingsPage(): Promise<string> {
  const sections = PROGRAMS.map(async ([file, ...args]) => {
    const program = [`${ROOT}${file}`, ...args, '--help-markdown'];
    const { stdout } = await promisify(execFile)(process.execPath, program);
    return stdout;
  });
  return [HEADING, ...(await Promise.all(sections))].join('\n');
}
