import { randomUUID } from 'node:crypto';
import { rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Engine,
  EngineError,
  importEmptyImage,
  isEngineFailure,
  removeImage,
  saysNoRoom,
  watchEngine,
} from '@orca/docker';
import { BASE_TROUBLE, BaseMissingError, findBase } from '@orca/grading';
import type { Need } from './fitness.ts';
import { keepFolder } from './worker-folders.ts';

const MIB = 1024 * 1024;
/** So much is written to see whether anything can be: a quota, or no more inodes, does not show in the free bytes. */
const PROBE_BYTES = 64 * 1024;
const PROBE_REPOSITORY = 'orca-storage-probe';

/** Codes that speak of the engine as a whole, and not of one refused call. */
const NO_ANSWER: readonly string[] = ['engine_unreachable', 'engine_timeout', 'engine_too_old'];
/** What the system says when there is no room: no blocks or inodes, no quota. */
const NO_ROOM: readonly string[] = ['ENOSPC', 'EDQUOT'];

/** What is asked of grading for the need of an engine. */
export interface EngineNeedDeps {
  /** Has the engine do what it does for each job; rejects when it does not answer in time. */
  tryContainer(signal: AbortSignal): Promise<unknown>;
  /** Gives up what was started ahead: nobody knows what has become of it. */
  relieve(): void;
}

/**
 * The container engine, that it answers. One that has let a run wait in vain may still tell its version at once, and hang
 * whenever it is to make a container: it has to make one in time before it is believed.
 */
export function needEngine(dockerHost: string, { tryContainer, relieve }: EngineNeedDeps): Need {
  const engine = watchEngine(dockerHost, (_engine, signal) => tryContainer(signal));
  return {
    name: 'engine',
    trouble: 'the container engine does not answer',
    probe: (signal) => engine.look(signal),
    isToldBy: (error) => error instanceof EngineError && NO_ANSWER.includes(error.code),
    isDoubtedBy(error) {
      const isLate = error instanceof EngineError && error.code === 'engine_timeout';
      if (isLate) engine.doubt();
      return isLate;
    },
    relieve: async () => relieve(),
  };
}

/**
 * Room on the worker's own disk, where files and images lie while they are fetched.
 *
 * @param folder the worker's own; made again where it is missing
 * @param freeMbMin less than so much, in MiB, is too little to begin another job with
 * @param relieve gives up what is only kept to be quicker
 */
export function needDisk(folder: string, freeMbMin: number, relieve: () => Promise<unknown>): Need {
  return {
    name: 'disk',
    trouble: `the disk of "${folder}" is full, or cannot be written to`,
    probe: () => probeDisk(folder, freeMbMin),
    isToldBy: (error) => 'code' in error && NO_ROOM.includes(String(error.code)),
    relieve,
  };
}

async function probeDisk(folder: string, freeMbMin: number): Promise<void> {
  await keepFolder(folder);
  const { bavail, bsize } = await statfs(folder);
  const freeMb = Math.floor((bavail * bsize) / MIB);
  if (freeMb < freeMbMin)
    throw new Error(
      `Cannot begin another job: ${freeMb} MiB are free in "${folder}", ${freeMbMin} are needed`,
    );
  const path = join(folder, `probe-${randomUUID()}`);
  try {
    await writeFile(path, Buffer.alloc(PROBE_BYTES), { mode: 0o600 });
  } finally {
    await rm(path, { force: true });
  }
}

/**
 * Room in the engine, where containers and images lie. It is only asked for once the engine has failed a run: with a full
 * disk it does not always say so (`chown …/work: no such file or directory`).
 *
 * @param relieve removes images that nobody needs at the moment
 */
export function needEngineRoom(engine: Engine, workerId: string, relieve: () => Promise<unknown>): Need {
  const name = `${PROBE_REPOSITORY}:${workerId}`;
  let isInDoubt = false;
  return {
    name: 'engine_disk',
    trouble: 'the disk of the container engine is full',
    async probe(signal) {
      if (!isInDoubt) return;
      await importEmptyImage(engine, name, signal);
      await removeImage(engine, name);
      isInDoubt = false;
    },
    isToldBy: saysNoRoom,
    isDoubtedBy(error) {
      const failed = isEngineFailure(error);
      isInDoubt ||= failed || saysNoRoom(error);
      return failed;
    },
    relieve,
  };
}

/**
 * The base image, which every engine is to have. A worker without it could grade jobs of other images, but would take those
 * that run in it from the workers that can grade them, and put them off.
 */
export function needBaseImage(engine: Engine): Need {
  let missing: BaseMissingError | null = null;
  return {
    name: 'base_image',
    trouble: BASE_TROUBLE,
    async probe(signal) {
      try {
        await findBase(engine, signal);
        missing = null;
      } catch (error) {
        if (error instanceof BaseMissingError) missing = error;
        // An engine that does not answer says nothing of it, and is told of as such.
        else if (!(error instanceof EngineError)) throw error;
      }
      if (missing !== null) throw missing;
    },
    isToldBy(error) {
      if (error instanceof BaseMissingError) missing = error;
      return error instanceof BaseMissingError;
    },
  };
}
