import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { holdLock } from './hold-lock.ts';

const run = promisify(execFile);

/** Whom PostgreSQL runs as. */
export type RunAs = {
  name: string;
  /** `null`: as this process's own user. */
  ids: { uid: number; gid: number } | null;
};

/** The system user that PostgreSQL runs as when Orca runs as root. */
export const POSTGRES_USER = 'orca-postgres';
const USERADD_WAIT_MS = 30_000;

/**
 * Says whom PostgreSQL shall run as: it refuses to run as root, so root gives it a system user of its own, which is
 * made where it is missing.
 *
 * @param log told when a user is made
 * @throws {Error} when the user can be neither found nor made
 */
export async function findRunAs(log: (line: string) => void): Promise<RunAs> {
  if (process.getuid?.() !== 0) return { name: 'this user', ids: null };
  const ids = (await lookUp(POSTGRES_USER)) ?? (await makeUser(log));
  return { name: POSTGRES_USER, ids };
}

async function makeUser(log: (line: string) => void): Promise<{ uid: number; gid: number }> {
  // useradd locks /etc/passwd and gives up when it is locked: whoever comes second waits here instead.
  await using lock = await holdLock('useradd', USERADD_WAIT_MS);
  if (lock === null)
    throw new Error(`Cannot make the user "${POSTGRES_USER}": another process is at it for too long`);
  const made = await lookUp(POSTGRES_USER);
  if (made !== null) return made;
  try {
    const home = ['--no-create-home', '--home-dir', '/nonexistent'];
    const nologin = ['--shell', '/usr/sbin/nologin'];
    await run('useradd', ['--system', '--user-group', ...home, ...nologin, POSTGRES_USER]);
  } catch (cause) {
    throw new Error(`Cannot make the user "${POSTGRES_USER}" that PostgreSQL runs as: useradd failed`, {
      cause,
    });
  }
  const ids = await lookUp(POSTGRES_USER);
  if (ids === null) throw new Error(`Cannot find the user "${POSTGRES_USER}": useradd has just made it`);
  log(`made the system user ${POSTGRES_USER}: PostgreSQL refuses to run as root`);
  return ids;
}

async function lookUp(name: string): Promise<{ uid: number; gid: number } | null> {
  try {
    const { stdout } = await run('getent', ['passwd', name]);
    const [, , uid, gid] = stdout.split(':');
    return { uid: Number(uid), gid: Number(gid) };
  } catch {
    return null;
  }
}
