import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRunning } from '../is-running.ts';

/** A folder for one run, gone when it is disposed of. */
export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
}

const PREFIX = 'orca-grade-';
const NAME = /^orca-grade-(\d+)-/;

/** Makes a folder, and removes those of processes that were killed before they could. */
export async function makeTemporaryFolder(): Promise<TemporaryFolder> {
  const names = await readdir(tmpdir());
  const left = names.filter((name) => {
    const id = NAME.exec(name)?.[1];
    return id !== undefined && !isRunning(Number(id));
  });
  // Another user's stay: they are not ours to remove.
  await Promise.allSettled(left.map((name) => rm(join(tmpdir(), name), { recursive: true, force: true })));
  const path = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
