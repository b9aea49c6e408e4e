import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads a `.env` file, if there is one.
 *
 * @returns its variables; none where no such file is
 * @throws {Error} with the system's code when it is there but cannot be read
 */
export function readEnvFile(folder: string): Environment {
  try {
    return parseEnv(readFileSync(join(folder, '.env'), 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw error;
  }
}

/**
 * The variables of this process, and below them those of `.env` in the working folder.
 *
 * @returns a copy; the environment of the process stays as it is
 */
export function loadEnvironment(): Environment {
  // biome-ignore lint/style/noProcessEnv: the one place of all daemons that reads the environment
  return { ...readEnvFile(process.cwd()), ...process.env };
}
