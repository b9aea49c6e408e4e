import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { movedTo } from './choose-place.ts';
import { CLUSTER_FOLDER, PASSWORD_FILE } from './make-cluster.ts';
import { findPostmaster } from './postmaster.ts';
import { DEFAULT_DATABASE } from './start-postgres.ts';
import { PORT_FILE, serverUrl } from './start-server.ts';

/**
 * Finds the database of an embedded server that another process has started.
 *
 * @param dataDir the folder that the server was started with
 * @returns its URL, with its password; `null` when none runs there, or this user may not look
 */
export async function findRunningPostgres(dataDir: string): Promise<string | null> {
  try {
    const place = await realpath((await movedTo(dataDir)) ?? dataDir);
    if ((await findPostmaster(path.join(place, CLUSTER_FOLDER))) === null) return null;
    const read = async (file: string) => (await readFile(path.join(place, file), 'utf8')).trim();
    const [password, port] = await Promise.all([read(PASSWORD_FILE), read(PORT_FILE)]);
    return serverUrl({ password, port: Number(port), database: DEFAULT_DATABASE });
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}
