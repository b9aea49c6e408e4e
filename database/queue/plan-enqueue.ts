/** What the queue knows of a job that is put again. */
export type KnownJob = {
  id: number;
  state: 'held' | 'waiting' | 'grading' | 'finished';
  /** SHA-256 of what it says. */
  content: Buffer;
  isImmediate: boolean;
};

/** What a PUT brings. */
export type Put = {
  /** State of the image that it names, `null` when none is known. */
  image: string | null;
  hasSameContent: boolean;
  immediate: boolean;
};

type Place = 'held' | 'waiting';

/** What a PUT does to the queue; `state` is where the job is afterwards. */
export type EnqueuePlan =
  /** Its image is not known, or its last build failed. */
  | { kind: 'refuse' }
  | { kind: 'insert'; state: Place }
  /** A finished job's next generation, with a new place. */
  | { kind: 'restart'; state: Place }
  /** Nothing changes. */
  | { kind: 'keep'; state: Place | 'grading' }
  | { kind: 'make_immediate'; state: Place; becomesImmediate: true }
  /** New content for a job that waits: its place stays. */
  | { kind: 'renew'; state: Place; becomesImmediate: boolean }
  /** New content for a job that is being graded: the run is stopped, its place names it. */
  | { kind: 'take_back'; state: Place };

/**
 * Decides what a PUT does.
 *
 * @param known the job, locked, or `null` when it is new
 */
export function planEnqueue(known: KnownJob | null, put: Put): EnqueuePlan {
  const becomesImmediate = put.immediate && known?.isImmediate === false;
  // With the same content it is where it is, whatever its image does at this moment.
  if (known !== null && known.state !== 'finished' && put.hasSameContent) {
    if (known.state === 'grading' || !becomesImmediate) return { kind: 'keep', state: known.state };
    return { kind: 'make_immediate', state: known.state, becomesImmediate };
  }
  const state = stateForImage(put.image);
  if (state === null) return { kind: 'refuse' };
  if (known === null) return { kind: 'insert', state };
  switch (known.state) {
    case 'finished':
      return { kind: 'restart', state };
    case 'grading':
      return { kind: 'take_back', state };
    case 'held':
    case 'waiting':
      return { kind: 'renew', state, becomesImmediate };
    default:
      return known.state satisfies never;
  }
}

/** Where a job for such an image goes, `null` when it cannot be graded. */
function stateForImage(image: string | null): Place | null {
  switch (image) {
    case 'ready':
      return 'waiting';
    case 'queued':
    case 'building':
    case 'pruned':
      return 'held';
    default:
      return null;
  }
}
