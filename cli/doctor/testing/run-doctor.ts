import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { REPOSITORY } from '../../repository.ts';

/** How a doctor ended, and what it said. */
export interface Examined {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A check in the JSON of a doctor. */
export interface ReportedCheck {
  readonly name: string;
  readonly state: string;
  readonly now?: string;
  readonly mend?: string;
  readonly reason?: string;
}

const DEADLINE_MS = 120_000;

/** Runs `orca doctor …` in a folder without `.env`, with these variables and no others. */
export async function runDoctor(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  folder = '/',
): Promise<Examined> {
  const main = join(REPOSITORY.root, 'cli/main.ts');
  const child = spawn(process.execPath, [main, 'doctor', ...args], {
    env,
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: DEADLINE_MS,
  });
  const [[status], stdout, stderr] = await Promise.all([
    once(child, 'close'),
    text(child.stdout),
    text(child.stderr),
  ]);
  return { status, stdout, stderr };
}

/** The checks of a `--json` report, by name. */
export function checksOf({ stdout, stderr }: Examined): ReadonlyMap<string, ReportedCheck> {
  if (stdout === '') throw new Error(`The doctor has said nothing but: ${stderr}`);
  const checks: readonly ReportedCheck[] = JSON.parse(stdout).checks;
  return new Map(checks.map((check) => [check.name, check]));
}
