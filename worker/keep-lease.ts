import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Logger } from '@orca/daemon';
import type { LeaseMessage, LeaseThreadData, LeaseThreadMessage } from './lease-thread.ts';
import type { HeldLease } from './renew-leases.ts';

/** Keeps leases alive from a thread of its own, so that a busy main thread loses none. */
export interface LeaseKeeper extends AsyncDisposable {
  /**
   * Renews a lease until it is let go.
   *
   * @param onLost called when another worker has the job, or it has ended: the run has to stop
   * @returns lets the lease go
   */
  keep(lease: HeldLease, onLost: () => void): () => void;
}

const THREAD = new URL('./lease-thread.ts', import.meta.url);

/** It does little: a young generation of the usual size would only be 10 MiB of garbage. */
const LIMITS = { maxYoungGenerationSizeMb: 2 };

/**
 * Starts the thread that renews leases every third of their time, over its own connection.
 *
 * @throws when the thread cannot be started
 */
export async function startLeaseKeeper(
  data: LeaseThreadData,
  { log }: { readonly log: Logger },
): Promise<LeaseKeeper> {
  const thread = new Worker(THREAD, { workerData: data, resourceLimits: LIMITS });
  const onLost = new Map<string, () => void>();
  // The first thing that it says is that it is ready; rejects when it breaks before.
  await once(thread, 'message');
  thread.on('message', (message: LeaseThreadMessage) => {
    if (message.kind === 'lost') onLost.get(message.leaseToken)?.();
    if (message.kind === 'trouble') log.warn({ reason: message.sentence }, 'leases not renewed this time');
  });
  // What breaks in the thread ends the process, as in the main thread: without it every lease would silently run out.
  thread.on('error', (error) => {
    throw error;
  });
  const say = (message: LeaseMessage): void => thread.postMessage(message);
  return {
    keep(lease, lost) {
      onLost.set(lease.leaseToken, lost);
      say({ kind: 'keep', lease });
      return () => {
        onLost.delete(lease.leaseToken);
        say({ kind: 'let_go', leaseToken: lease.leaseToken });
      };
    },
    async [Symbol.asyncDispose]() {
      await thread.terminate();
    },
  };
}
