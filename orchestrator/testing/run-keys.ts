import { fileURLToPath } from 'node:url';
import { type EndedProgram, runToEnd } from '@orca/daemon/testing';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

/** Runs `main.ts keys …` as a process, in a folder without `.env`, with this database and no other variable. */
export function runKeys(databaseUrl: string | null, ...args: string[]): Promise<EndedProgram> {
  const env: Record<string, string> = databaseUrl === null ? {} : { POSTGRES_URL: databaseUrl };
  return runToEnd(MAIN, { args: ['keys', ...args], env });
}
