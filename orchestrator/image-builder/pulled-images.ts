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
  /** It is about to be fetched. */
  note(reference: string): Promise<void>;
  /** A build begins with it, whoever has fetched it. */
  touch(reference: string): Promise<void>;
  /**
   * Removes those that no build began with for long, or that are too much together; what is in use stays.
   *
   * @param signal once it has aborted, no further one is removed
   * @returns the references of those that were removed
   * @throws {EngineError}
   */
  sweep(retention: EngineRetention, signal?: AbortSignal): Promise<string[]>;
}

const SECOND_MS = 1_000;

/**
 * Opens it; makes its folder only when there is something to note.
 *
 * @param folder of this engine alone
 */
export function openPulledImages(folder: string, engine: Engine): PulledImages {
  const fileOf = (reference: string): string =>
    join(folder, createHash('sha256').update(reference).digest('hex'));
  return {
    async note(reference) {
      await mkdir(folder, { recursive: true });
      await writeFile(fileOf(reference), reference);
    },
    async touch(reference) {
      const now = new Date();
      await utimes(fileOf(reference), now, now).catch(ignoreMissing);
    },
    async sweep(retention, signal) {
      const kept = await listKept(folder, engine, retention);
      const chosen = new Set(chooseImages(kept, retention, new Date()));
      const removed: string[] = [];
      for (const { sha: reference } of kept.filter(({ sha }) => chosen.has(sha))) {
        if (signal?.aborted) break;
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
