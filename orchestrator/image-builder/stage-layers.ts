import type { BuildLogPiece, Engine } from '@orca/docker';
import { removeLayers } from './remove-layers.ts';

const FROM = /^Step \d+\/\d+ : FROM\b/i;
/** A Dockerfile has some; a command may pretend to any number. */
const STAGES_MAX = 256;

/** The layers that the stages of a build end with, in its own words. */
export interface StageLayers {
  /** To be told of each piece of the log. */
  follow(piece: BuildLogPiece): void;
  /** The build has come to its end: what its last stage made is the image. */
  keepLast(): void;
  /** Removes what no image needs. What cannot be removed now stays. */
  remove(engine: Engine): Promise<void>;
}

/** Begins to follow a build. What its stages leave has no name and no label: nobody would find it later. */
export function followStages(): StageLayers {
  const ends: string[] = [];
  let last: string | null = null;
  let isFrom = false;
  return {
    follow(piece) {
      if (piece.kind === 'layer' && !isFrom) last = piece.id;
      if (piece.kind !== 'step') return;
      isFrom = FROM.test(piece.text);
      if (!isFrom || last === null) return;
      if (ends.length < STAGES_MAX) ends.push(last);
      last = null;
    },
    keepLast() {
      last = null;
    },
    async remove(engine) {
      // A stage may be built on an earlier one: that goes with it, or after it.
      const layers = last === null ? ends : [...ends, last];
      try {
        for (const layer of layers.toReversed()) await removeLayers(engine, layer);
      } catch {
        // An engine that does not answer now is no word about the build: whatever that needs of it will tell.
      }
    },
  };
}
