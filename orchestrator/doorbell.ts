import { sleep } from '@orca/daemon';

/** Wakes one loop. A ring while nobody waits is heard by the next who does: none is missed. */
export type Doorbell = {
  ring(): void;
  /** Waits for a ring, at most `maxMs`, or until the signal aborts; never throws. */
  waitForRing(maxMs: number, signal: AbortSignal): Promise<void>;
};

/** Makes a doorbell for one loop. */
export function createDoorbell(): Doorbell {
  let rung = new AbortController();
  return {
    ring: () => rung.abort(),
    async waitForRing(maxMs, signal) {
      await sleep(maxMs, AbortSignal.any([signal, rung.signal]));
      if (rung.signal.aborted) rung = new AbortController();
    },
  };
}
