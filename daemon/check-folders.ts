import { randomBytes } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from './load-environment.ts';
import { parseSettings, type SettingsTable } from './settings.ts';

const PROBE_BYTES = 8;
const OWNER_ONLY = 0o600;

/**
 * Tries the folders that settings name and that have to be written to; makes those that are missing. A setting whose
 * value is no folder's name is left to {@link parseSettings}.
 *
 * @returns a sentence for each that cannot be written to
 */
export async function checkFolders(table: SettingsTable, env: Environment): Promise<string[]> {
  const written = Object.entries(table).filter(([, setting]) => setting.isWrittenTo === true);
  const problems = await Promise.all(
    written.map(async ([name, setting]) => {
      const parsed = parseSettings({ [name]: setting }, env);
      return parsed.kind === 'ok' ? tryFolder(name, String(parsed.values[name])) : null;
    }),
  );
  return problems.filter((problem) => problem !== null);
}

async function tryFolder(name: string, folder: string): Promise<string | null> {
  // Our own pieces of writing end so: one that a crash leaves is swept up with them.
  const probe = join(folder, `${randomBytes(PROBE_BYTES).toString('hex')}.part`);
  try {
    await mkdir(folder, { recursive: true });
    await (await open(probe, 'wx', OWNER_ONLY)).close();
    await rm(probe);
    return null;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    return `Cannot use "${folder}" as ${name}: it cannot be written to${code}; make it and give it to the user that this runs as, or name another folder`;
  }
}
