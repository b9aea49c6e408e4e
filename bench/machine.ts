import { execFile } from 'node:child_process';
import os from 'node:os';
import { promisify } from 'node:util';

/** Where and when figures were taken. */
export type Machine = {
  date: string;
  /** Abbreviated, with `+` when the checkout has changes. */
  commit: string;
  cores: number;
  cpu: string;
  memoryGib: number;
  node: string;
};

const GIB = 2 ** 30;

/** Looks at this machine and at this checkout. */
export async function describeMachine(now: Date): Promise<Machine> {
  return {
    date: now.toISOString(),
    commit: await findCommit(),
    cores: os.availableParallelism(),
    cpu: os.cpus()[0]?.model ?? 'unknown',
    memoryGib: Math.round(os.totalmem() / GIB),
    node: process.versions.node,
  };
}

async function findCommit(): Promise<string> {
  try {
    const git = async (...args: string[]) =>
      (await promisify(execFile)('git', args, { cwd: import.meta.dirname })).stdout.trim();
    const changes = await git('status', '--porcelain', '--untracked-files=no');
    return `${await git('rev-parse', '--short', 'HEAD')}${changes === '' ? '' : '+'}`;
  } catch {
    return 'unknown'; // an unpacked archive has no history
  }
}
