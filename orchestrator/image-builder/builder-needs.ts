import { type Database, isDatabaseAway, listArchives } from '@orca/database';
import { type Engine, saysNoRoom, watchEngine } from '@orca/docker';
import { BASE_TROUBLE } from '@orca/grading';
import type { BuilderNeed } from './ability.ts';
import { BASE_REMEDY, isBaseGone } from './base-image.ts';
import type { ImageStore } from './image-store.ts';
import { isDoubtful, probeEngine } from './probe-engine.ts';
import type { PulledImages } from './pulled-images.ts';
import { findStoreTrouble } from './store-trouble.ts';

/** Below that no build is begun: its image would hardly find room. */
const STORE_FREE_BYTES_MIN = 64 * 1024 * 1024;

/** The need of an engine, which builds may bring into doubt. */
export interface EngineNeed extends BuilderNeed {
  /** Tells of what a build was put back for. */
  doubt(err: unknown): void;
}

/**
 * The container engine, that it answers. One that has failed a build may still tell its version at once: it has to write an
 * image and make a container before it is believed, and no other build pays for it.
 */
export function needEngine(dockerHost: string, installationId: string): EngineNeed {
  const engine = watchEngine(dockerHost, (found, signal) => probeEngine(found, installationId, signal));
  return {
    name: 'engine',
    doubt(err) {
      if (isDoubtful(err)) engine.doubt();
    },
    async check(signal) {
      try {
        await engine.look(signal);
        return null;
      } catch (err) {
        const isFull = saysNoRoom(err);
        return {
          err,
          trouble: isFull
            ? 'the disk of the container engine is full'
            : 'the container engine does not answer',
        };
      }
    },
  };
}

/** The base image, which every Dockerfile begins with: it goes with a clean-up of the engine, or a change of its users. */
export function needBaseImage(engine: Engine): BuilderNeed {
  const trouble = { trouble: BASE_TROUBLE, detail: BASE_REMEDY };
  return {
    name: 'base_image',
    check: async (signal) => ((await isBaseGone(engine, signal)) ? trouble : null),
  };
}

/** The folder of saved images, that it is there and has room for one more. */
export function needImageStore(
  folder: string,
  { db, store, pulled }: { db: Database; store: ImageStore; pulled?: PulledImages },
): BuilderNeed {
  const archives = async (): Promise<number> => (await listArchives(db)).size;
  return {
    name: 'image_store',
    async check() {
      const bytesMin = STORE_FREE_BYTES_MIN + store.roomWanted();
      try {
        const found = await findStoreTrouble(folder, { bytesMin }, archives);
        if (found === null) await pulled?.probe();
        return found;
      } catch (err) {
        // A database that is away is told of as such.
        return isDatabaseAway(err)
          ? null
          : { trouble: 'the folder of saved images cannot be written to', err };
      }
    },
  };
}
