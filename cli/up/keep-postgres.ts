import { join } from 'node:path';
import { findRunningPostgres, startPostgres } from '@orca/database/embedded';

/** The embedded PostgreSQL of a data folder, which is started again when it dies. */
export interface KeptPostgres extends AsyncDisposable {
  readonly url: string;
  /** The process that runs now. */
  readonly pid: number;
}

const FOLDER = 'postgres';

/**
 * Starts the embedded PostgreSQL of a data folder and keeps it up. It comes back on its former port, where the other
 * processes look for it.
 *
 * @param onLost called when it cannot be started again, or only elsewhere: then the rest has to stop
 */
export async function keepPostgres(
  dataDir: string,
  say: (line: string) => void,
  onLost: (sentence: string) => void,
): Promise<KeptPostgres> {
  const options = { dataDir: join(dataDir, FOLDER), log: say };
  let current = await startPostgres(options);
  const { url } = current;
  let isStopping = false;

  const watch = async (): Promise<void> => {
    for (;;) {
      const how = await current.ended;
      if (isStopping) return;
      say(`${how}; starting it again`);
      await current.stop();
      current = await startPostgres(options);
      // Told to stop in the meantime, when there was nothing to be stopped.
      if (isStopping) return await current.stop();
      if (current.url !== url) throw new Error('PostgreSQL came back on another port: its own was taken');
    }
  };
  const watching = watch().catch((error) => {
    if (!isStopping) onLost(error instanceof Error ? error.message : String(error));
  });
  return {
    url,
    get pid() {
      return current.pid;
    },
    async [Symbol.asyncDispose]() {
      isStopping = true;
      await current.stop();
      await watching;
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
