import { type Engine, EngineError, inspectImage } from '@orca/docker';
import { knowsLocalhost } from '../container-spec.ts';

/** What running an image's containers needs to know of it. */
export interface ImageFacts {
  readonly id: string;
  /** `NAME=value` each. */
  readonly env: readonly string[];
  /** The paths of its `VOLUME`s. */
  readonly volumes: readonly string[];
  readonly knowsLocalhost: boolean;
}

/** Images that were looked at. */
export interface ImageFactsMemory {
  /**
   * Looks at an image once: its id stands for its contents.
   *
   * @param reference an id; of a name, which can be moved, nothing is remembered
   * @throws {EngineError} with status 404 when the engine has none
   */
  find(reference: string): Promise<ImageFacts>;
  /** Forgets it: it may have been removed. */
  forget(reference: string): void;
}

/** A machine has some dozens. */
const REMEMBERED_MAX = 500;
/** What the engine answers itself when an image goes a moment later. */
const NOT_FOUND = 404;

/** Remembers nothing yet. */
export function rememberImages(engine: Engine): ImageFactsMemory {
  const known = new Map<string, ImageFacts>();
  return {
    async find(reference) {
      const before = known.get(reference);
      if (before !== undefined) return before;
      const image = await inspectImage(engine, reference);
      if (image === null) {
        const sentence = `Cannot start a container: the engine has no image "${reference}"`;
        throw new EngineError('engine_refused', sentence, { status: NOT_FOUND });
      }
      const { id, env, volumes, labels } = image;
      const facts = { id, env, volumes, knowsLocalhost: knowsLocalhost(labels) };
      if (known.size >= REMEMBERED_MAX) known.clear();
      if (id === reference) known.set(id, facts);
      return facts;
    },
    forget: (reference) => void known.delete(reference),
  };
}
