import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
const DEADLINE_MS = 60_000;

/** Runs `main.ts keys …` as a process, in a folder without `.env`, with this database and no other variable. */
export async function runKeys(databaseUrl: string | null, ...args: string[]) {
  const child = spawn(process.execPath, [MAIN, 'keys', ...args], {
    env: databaseUrl === null ? {} : { POSTGRES_URL: databaseUrl },
    cwd: '/',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: DEADLINE_MS,
  });
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { stdout, stderr, status };
}
