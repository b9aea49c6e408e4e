import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Engine, inspectImage, isRefusal, removeImage } from '@orca/docker';
import { chooseImages, type EngineRetention, type KeptImage } from '@orca/grading';

/**
 * Keeps in mind which images builds have fetched from registries into one engine, so that they go again. What the engine
 * had before is never among them: somebody else's.
 *
 * For each there is a file, named by the SHA-256 of its reference and written before it is fetched, so that no crash leaves
 * an image that nobody knows of; when a build last began with it is when the file was changed.
 */
export interface PulledImages {
  /**
   * It is about to be fetched, or was.
   *
   * @throws {NoteError} when that cannot be written down
   */
  note(reference: string): Promise<void>;
  /** A build begins with it, whoever has fetched it; never throws. */
  touch(reference: string): Promise<void>;
  /** It did not come, or has gone: who brings it later is somebody else. Never throws. */
  forget(reference: string): Promise<void>;
  /**
   * Looks whether notes can be written again, once one could not.
   *
   * @throws {Error} with the system's code when they cannot
   */
  probe(): Promise<void>;
  /**
   * Removes those that no build began with for long, or that are too much together; what is in use stays.
   *
   * @param signal once it has aborted, no further one is removed
   * @returns the references of those that were removed
   * @throws {EngineError}
   */
  sweep(retention: EngineRetention, signal?: AbortSignal): Promise<string[]>;
}

/** What a build fetches cannot be noted, which is no fault of its Dockerfile's. */
export class NoteError extends Error {
  override readonly name = 'NoteError';

  constructor(folder: string, cause: unknown) {
    super(
      `Cannot note what a build fetches: "${folder}" cannot be written to; make room on its disk, or mend its rights`,
      { cause },
    );
  }
}

const SECOND_MS = 1_000;
/** Empty, and so no note, wherever it should stay. */
const PROBE_NAME = 'probe';

/**
 * Opens it; makes its folder only when there is something to note.
 *
 * @param folder of this engine alone
 */
export function openPulledImages(folder: string, engine: Engine): PulledImages {
  const fileOf = (reference: string): string =>
    join(folder, createHash('sha256').update(reference).digest('hex'));
  const touch = async (reference: string): Promise<void> => {
    const now = new Date();
    // At worst it is swept early, and fetched again: no build pays for that.
    await utimes(fileOf(reference), now, now).catch(() => undefined);
  };
  let isDoubtful = false;
  return {
    async note(reference) {
      try {
        // Written anew, a note would be lost where there is no room left.
        if ((await readFile(fileOf(reference), 'utf8').catch(ignoreMissing)) === reference)
          return await touch(reference);
        await mkdir(folder, { recursive: true });
        await writeFile(fileOf(reference), reference);
      } catch (error) {
        isDoubtful = true;
        throw new NoteError(folder, error);
      }
    },
    touch,
    async forget(reference) {
      await rm(fileOf(reference), { force: true }).catch(() => undefined);
    },
    async probe() {
      if (!isDoubtful) return;
      const file = join(folder, PROBE_NAME);
      await mkdir(folder, { recursive: true });
      await writeFile(file, '');
      await rm(file, { force: true });
      isDoubtful = false;
    },
    async sweep(retention, signal) {
      const kept = await listKept(folder, engine, retention);
      const chosen = new Set(chooseImages(kept, retention, new Date()));
      const removed: string[] = [];
      for (const { sha: reference, lastUsedAt } of kept.filter(({ sha }) => chosen.has(sha))) {
        if (signal?.aborted) break;
        // Each removal takes its time: a build may have begun with this one meanwhile.
        const noted = await stat(fileOf(reference)).catch(ignoreMissing);
        if (noted?.mtime.getTime() !== lastUsedAt.getTime()) continue;
        if (!(await remove(engine, reference))) continue;
        await rm(fileOf(reference), { force: true });
        removed.push(reference);
      }
      return removed;
    },
  };
}

/** Those that the engine has, their reference where others have a SHA-256; forgets those that it has lost. */
async function listKept(
  folder: string,
  engine: Engine,
  { keepSeconds }: EngineRetention,
): Promise<KeptImage[]> {
  const kept: KeptImage[] = [];
  for (const name of (await readdir(folder).catch(ignoreMissing)) ?? []) {
    const file = join(folder, name);
    const [noted, reference] =
      (await Promise.all([stat(file), readFile(file, 'utf8')]).catch(ignoreMissing)) ?? [];
    // Another builder on this engine has removed it at this moment.
    if (noted === undefined || reference === undefined) continue;
    const image = reference === '' ? null : await inspectImage(engine, reference);
    if (image !== null) kept.push({ sha: reference, sizeBytes: image.sizeBytes, lastUsedAt: noted.mtime });
    // One that is not there may be on its way.
    else if (Date.now() - noted.mtimeMs > keepSeconds * SECOND_MS) await rm(file, { force: true });
  }
  return kept;
}

/** Whether it is gone; one that something uses, or that the engine will not remove, stays. */
async function remove(engine: Engine, reference: string): Promise<boolean> {
  try {
    return (await removeImage(engine, reference)) !== 'in_use';
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
