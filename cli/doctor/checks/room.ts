import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { DEFAULT_LIMITS } from '@orca/protocol';
import { type Check, EVERYWHERE, fail, ok, skipped, type Verdict, warn } from '../check.ts';
import type { Host } from '../host.ts';
import { judgeSeen } from '../look.ts';

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;

/** How much room a folder needs, in bytes. */
export interface RoomNeeds {
  /** Below it, an operator should act. */
  readonly low: number;
  /** Below it, work fails soon. */
  readonly least: number;
}

/** Grader images are a gigabyte or so each. */
export const IMAGES_ROOM: RoomNeeds = { low: 20 * GIB, least: 2 * GIB };
/** A job's files are at most 256 MiB, and the file cache some gigabytes. */
export const FILES_ROOM: RoomNeeds = { low: 5 * GIB, least: GIB };
const TEMPORARY_ROOM: RoomNeeds = { low: GIB, least: 100 * MIB };

/** A folder, as the system has it. */
export interface FolderFacts {
  readonly path: string;
  /** The folder itself, or the nearest above it that is there. */
  readonly existing: string;
  readonly isWritable: boolean;
  /** For this user. */
  readonly freeBytes: number;
}

/** @param isOurs whether this user has to write there */
export function judgeRoom(
  { path, existing, isWritable, freeBytes }: FolderFacts,
  needs: RoomNeeds,
  isOurs: boolean,
): Verdict {
  if (isOurs && !isWritable)
    return fail(
      existing === path
        ? `This user may not write to ${path}`
        : `There is no ${path}, and this user may not make it`,
      `sudo install -d -o "$USER" ${path}`,
    );
  const now = `${(freeBytes / GIB).toFixed(1)} GiB are free in ${path}`;
  const mend = `make room there, or name a folder on another disk; "df -h ${existing}" says which it is on`;
  if (freeBytes < needs.least) return fail(`Only ${now}`, mend);
  return freeBytes < needs.low ? warn(`Only ${now}`, mend) : ok(now);
}

/** Whether so many jobs at once fit into the engine's machine. */
export function judgeCapacity(
  engine: { readonly memoryBytes: number; readonly cpus: number },
  jobsAtOnce: number,
): Verdict {
  const jobMb = DEFAULT_LIMITS.memoryMb + DEFAULT_LIMITS.diskMb;
  const memoryMb = Math.floor(engine.memoryBytes / MIB);
  const now = `${jobsAtOnce} ${jobsAtOnce === 1 ? 'job' : 'jobs'} at once on ${engine.cpus} processors and ${memoryMb} MiB`;
  const byMemory = Math.floor(memoryMb / jobMb);
  const fitting = Math.max(1, Math.min(byMemory, Math.floor(engine.cpus / DEFAULT_LIMITS.cpus)));
  if (jobsAtOnce <= fitting) return ok(now);
  return warn(
    `${now}: a job may use ${DEFAULT_LIMITS.cpus} processor and ${jobMb} MiB (memory and disk), so they disturb each other`,
    `set ORCA_CONCURRENCY=${fitting}, or give the machine more`,
  );
}

async function readFolder(path: string): Promise<FolderFacts> {
  for (let existing = path; ; existing = dirname(existing)) {
    const found = await statfs(existing).catch(() => null);
    if (found === null && existing !== dirname(existing)) continue;
    const isWritable = await access(existing, constants.W_OK).then(
      () => true,
      () => false,
    );
    return { path, existing, isWritable, freeBytes: (found?.bavail ?? 0) * (found?.bsize ?? 0) };
  }
}

const judgeFolder = (
  name: string,
  roles: Check['roles'],
  find: (host: Host) => string,
  needs: RoomNeeds,
): Check => ({
  name,
  roles,
  async run(host) {
    const path = find(host);
    return path === ''
      ? skipped('the settings name no such folder')
      : judgeRoom(await readFolder(path), needs, true);
  },
});

/** What the work needs of this machine. */
export const roomChecks: readonly Check[] = [
  {
    name: 'disk.engine',
    roles: EVERYWHERE,
    run: (host) =>
      judgeSeen(host.engine(), async ({ engine, info }) => {
        if (engine.address.kind !== 'unix') return skipped('the engine is on another machine');
        // A closed folder hides what is mounted in it: then the nearest open one is measured.
        return judgeRoom(await readFolder(info.rootFolder), IMAGES_ROOM, false);
      }),
  },
  judgeFolder(
    'disk.images',
    ['orchestrator'],
    ({ settings }) => settings.text('ORCA_IMAGE_FOLDER'),
    IMAGES_ROOM,
  ),
  judgeFolder('disk.worker', ['worker'], ({ settings }) => settings.text('ORCA_WORKER_FOLDER'), FILES_ROOM),
  judgeFolder('disk.temporary', EVERYWHERE, () => tmpdir(), TEMPORARY_ROOM),
  {
    name: 'capacity',
    roles: ['worker'],
    run: (host) =>
      judgeSeen(host.engine(), ({ info }) =>
        judgeCapacity(info, host.settings.number('ORCA_CONCURRENCY') ?? 1),
      ),
  },
];
