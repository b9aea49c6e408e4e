import { join } from 'node:path';
import { backoff, sleep } from '@orca/daemon';
import { findRunningPostgres, startPostgres } from '@orca/database/embedded';

/** The embedded PostgreSQL of a data folder, which is started again when it dies. */
export interface KeptPostgres extends AsyncDisposable {
  readonly url: string;
  /** The process that runs now. */
  readonly pid: number;
}

const FOLDER = 'postgres';
/** What hinders it goes away by itself or by somebody's hand: a full disk, a taken port. All else waits for it meanwhile. */
const AGAIN = { baseMs: 1_000, maxMs: 30_000 };
/** One that ran for so long has not failed at its start: it is started again at once. */
const LONG_RUN_MS = 60_000;
const SECOND_MS = 1_000;

/**
 * Starts the embedded PostgreSQL of a data folder and keeps it up. It comes back just where it was, since the other processes
 * look for it there; as long as it cannot, it is tried again and again.
 *
 * @param say told what is done that takes time, what has ended, and why it cannot be started again yet
 * @throws {Error} when it cannot be started the first time
 */
export async function keepPostgres(dataDir: string, say: (line: string) => void): Promise<KeptPostgres> {
  const options = { dataDir: join(dataDir, FOLDER), log: say };
  let current = await startPostgres(options);
  const { url } = current;
  const stopping = new AbortController();

  /** @returns why it no longer runs, or did not start */
  const runAgain = async (): Promise<string> => {
    try {
      await current.stop();
      if (stopping.signal.aborted) return '';
      current = await startPostgres({ ...options, formerUrl: url });
      return stopping.signal.aborted ? '' : await current.ended;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };
  const keep = async (): Promise<void> => {
    let how = await current.ended;
    for (let failures = 0; !stopping.signal.aborted; ) {
      const pauseMs = failures === 0 ? 0 : backoff(failures, AGAIN);
      say(`${how}; starting it again${failures === 0 ? '' : ` in ${pauseMs / SECOND_MS} s`}`);
      await sleep(pauseMs, stopping.signal);
      const began = performance.now();
      how = await runAgain();
      failures = performance.now() - began > LONG_RUN_MS ? 0 : failures + 1;
    }
    // It may have started in the very moment in which there was none to be stopped.
    await current.stop();
  };
  const keeping = keep();
  return {
    url,
    get pid() {
      return current.pid;
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await current.stop();
      await keeping;
    },
  };
}

/**
 * Finds the PostgreSQL that another process keeps up for a data folder.
 *
 * @returns its URL, with its password; `null` when none runs there, or this user may not look
 */
export function findKeptPostgres(dataDir: string): Promise<string | null> {
  return findRunningPostgres(join(dataDir, FOLDER));
}
