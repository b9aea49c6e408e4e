import { execFile } from 'node:child_process';
import { chmod, glob, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Clocks for processes that are told a wrong time. Their waits and measures of durations are right. */
export interface FakeClocks extends AsyncDisposable {
  /** For a process whose clock is so much ahead from its start on; below 0: behind. */
  ahead(seconds: number): Record<string, string>;
  /** For a process whose clock `jump` changes. */
  readonly jumping: Record<string, string>;
  /** Sets the clocks of those processes: so much ahead of the right time, all at the same moment. */
  jump(seconds: number): Promise<void>;
}

/** Takes the library that does it out of Debian's package, which need not be installed. */
export async function makeFakeClocks(): Promise<FakeClocks> {
  const folder = await mkdtemp(join(tmpdir(), 'orca-fake-clock-'));
  const clear = (): Promise<void> => rm(folder, { recursive: true });
  try {
    // For other users' processes, too.
    await chmod(folder, 0o755);
    // As root, apt would drop to a user that may not write there.
    await run('apt-get', ['-o', 'APT::Sandbox::User=root', 'download', 'libfaketime'], { cwd: folder });
    for await (const archive of glob('libfaketime_*.deb', { cwd: folder }))
      await run('dpkg-deb', ['-x', archive, '.'], { cwd: folder });
    const [library] = await Array.fromAsync(glob('usr/lib/*/faketime/libfaketime.so.1', { cwd: folder }));
    if (library === undefined) throw new Error('Cannot fake clocks: the package has no libfaketime.so.1');
    return fakeClocks(folder, join(folder, library), clear);
  } catch (error) {
    await clear();
    throw error;
  }
}

async function fakeClocks(folder: string, library: string, clear: () => Promise<void>): Promise<FakeClocks> {
  const offsetFile = join(folder, 'offset');
  const preload = { LD_PRELOAD: library, FAKETIME_DONT_FAKE_MONOTONIC: '1' };
  const jump = async (seconds: number): Promise<void> => {
    // Whole or not at all: it may be read at any moment.
    await writeFile(`${offsetFile}.new`, `${signed(seconds)}s\n`, { mode: 0o644 });
    await rename(`${offsetFile}.new`, offsetFile);
  };
  await jump(0);
  return {
    ahead: (seconds) => ({ ...preload, FAKETIME: `${signed(seconds)}s` }),
    jumping: { ...preload, FAKETIME_TIMESTAMP_FILE: offsetFile, FAKETIME_NO_CACHE: '1' },
    jump,
    [Symbol.asyncDispose]: clear,
  };
}

function signed(seconds: number): string {
  return seconds < 0 ? String(seconds) : `+${seconds}`;
}
