import type { Engine } from './call-engine.ts';
import { connectEngine } from './connect-engine.ts';

/** An engine that answers, or may only seem to: one that hangs, or has no room, may tell its version all the same. */
export interface DoubtedEngine {
  /** The next look tries what it can do, until it can. */
  doubt(): void;
  /**
   * Looks whether it answers: asks for its version and, as long as it is in doubt, has it do something.
   *
   * @throws {EngineError} when it does not
   * @throws the signal's reason when it aborts
   */
  look(signal: AbortSignal): Promise<void>;
}

/**
 * Knows of no doubt yet.
 *
 * @param tryIt has the engine do what is needed of it; rejects when it does not
 */
export function watchEngine(
  dockerHost: string,
  tryIt: (engine: Engine, signal: AbortSignal) => Promise<unknown>,
): DoubtedEngine {
  // Counted, since another may come while the engine is tried.
  let doubts = 0;
  let doubtsSettled = 0;
  return {
    doubt() {
      doubts += 1;
    },
    async look(signal) {
      const engine = await connectEngine(dockerHost, signal);
      const doubtsNow = doubts;
      if (doubtsNow === doubtsSettled) return;
      await tryIt(engine, signal);
      doubtsSettled = doubtsNow;
    },
  };
}
