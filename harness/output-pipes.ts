import { execFile } from 'node:child_process';
import { chmodSync, closeSync, constants, mkdirSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { promisify } from 'node:util';
import type { CommandUser, Surroundings } from './surroundings.ts';

/** One end for a command to write to, one for the harness to read from. */
export interface OutputPipe {
  readonly reader: Socket;
  /** The descriptor that a command gets as its stdout or stderr. */
  readonly writeFd: number;
  /** Closes the harness's own copy of the writing end, so that the reader sees the end. */
  closeWriter(): void;
}

/** A stock of pipes for a script's commands. */
export interface OutputPipes {
  /** Makes more of them where there are fewer than so many; resolves when all are there. Before the first command. */
  provide(count: number): Promise<void>;
  /**
   * @returns a fresh pipe, or `null` when there are none: then a command makes do with what `spawn` gives it
   */
  take(): OutputPipe | null;
}

const MODE_OPEN = 0o777;
const MODE_CLOSED = 0o700;
const MKFIFO_TIMEOUT_MS = 10_000;

/**
 * Makes real pipes for the output of commands. What `spawn` makes are sockets, and a socket cannot be opened by name:
 * `echo oops > /dev/stderr` and `tee /dev/stdout` would fail. Node cannot make a pipe, so these are named ones, made
 * before anything of the submission runs, by the user of the commands (who must be allowed to open them through
 * `/proc/self/fd`), in a folder that is closed to him afterwards.
 *
 * @param count how many are made at once, while nobody waits for them yet
 */
export function stockOutputPipes(
  count: number,
  { pipesFolder, user }: Pick<Surroundings, 'pipesFolder' | 'user'>,
): OutputPipes {
  const names: string[] = [];
  let made = 0;
  let isClosed = true;
  const makeUpTo = async (wanted: number): Promise<void> => {
    if (wanted <= made || !isClosed) return;
    const more = Array.from({ length: wanted - made }, (_, index) => `${pipesFolder}/${made + index}`);
    const isFirst = made === 0;
    made = wanted;
    try {
      if (isFirst) mkdirSync(pipesFolder);
      // Not left to the umask.
      chmodSync(pipesFolder, MODE_OPEN);
      await makeFifos(more, user);
      names.push(...more);
    } catch {
      // An image without `mkfifo`, a runtime with a read-only /dev: commands get along without.
    } finally {
      isClosed = closeFolder(pipesFolder);
      // Where a command may put something in a pipe's place, there are none.
      if (!isClosed) names.length = 0;
    }
  };
  let making = makeUpTo(count);
  return {
    provide(wanted) {
      making = making.then(() => makeUpTo(wanted));
      return making;
    },
    take() {
      const name = names.shift();
      return name === undefined ? null : openPipe(name);
    },
  };
}

/** @returns whether it is closed now */
function closeFolder(folder: string): boolean {
  try {
    chmodSync(folder, MODE_CLOSED);
    return true;
  } catch {
    return false;
  }
}

async function makeFifos(names: readonly string[], user: CommandUser | null): Promise<void> {
  // 0666: the harness is neither their owner nor allowed to override; the folder keeps everybody else out.
  await promisify(execFile)('mkfifo', ['-m', '0666', ...names], {
    cwd: '/',
    ...user,
    env: { PATH: '/usr/bin:/bin' },
    timeout: MKFIFO_TIMEOUT_MS,
  });
}

function openPipe(name: string): OutputPipe {
  const readFd = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK);
  const reader = new Socket({ fd: readFd, readable: true, writable: false });
  // Blocking, as programs expect it: it opens at once, because a reader is there.
  const writeFd = openSync(name, constants.O_WRONLY);
  let isOpen = true;
  return {
    reader,
    writeFd,
    closeWriter() {
      if (isOpen) closeSync(writeFd);
      isOpen = false;
    },
  };
}
