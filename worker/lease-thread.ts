import { setTimeout as sleep } from 'node:timers/promises';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { connectDatabase, type Database } from '@orca/database/leases';
import { type HeldLease, type KeptLeases, renewLeases } from './renew-leases.ts';

/** What the thread starts with. */
export interface LeaseThreadData {
  readonly databaseUrl: string;
  readonly leaseSeconds: number;
}

/** What the main thread says. */
export type LeaseMessage = { kind: 'keep'; lease: HeldLease } | { kind: 'let_go'; leaseToken: string };

/** What the thread says. */
export type LeaseThreadMessage =
  /** It listens. */
  | { kind: 'ready' }
  | { kind: 'lost'; leaseToken: string }
  /** Leases could not be renewed this time. */
  | { kind: 'trouble'; sentence: string };

/** A lease is renewed three times in its life, so that two renewals may fail. */
const RENEWALS_A_LEASE = 3;

function note(message: LeaseMessage, leases: KeptLeases): void {
  switch (message.kind) {
    case 'keep': {
      const { lease } = message;
      leases.set(lease.leaseToken, {
        ...lease,
        renewUntilMs: performance.now() + lease.renewSecondsMax * 1_000,
      });
      return;
    }
    case 'let_go':
      leases.delete(message.leaseToken);
      return;
    default:
      message satisfies never;
  }
}

/** The thread's life: it ends with the thread. */
async function keepLeases({ databaseUrl, leaseSeconds }: LeaseThreadData, port: MessagePort): Promise<never> {
  const say = (message: LeaseThreadMessage): void => port.postMessage(message);
  const leases: KeptLeases = new Map();
  port.on('message', (message: LeaseMessage) => note(message, leases));
  const onLost = (leaseToken: string): void => say({ kind: 'lost', leaseToken });
  say({ kind: 'ready' });
  let db: Database | null = null;
  for (;;) {
    await sleep((leaseSeconds * 1_000) / RENEWALS_A_LEASE);
    try {
      db ??= await connectDatabase({ url: databaseUrl, applicationName: 'orca-worker-leases', poolSize: 1 });
      await renewLeases(leases, { db, leaseSeconds, onLost });
    } catch (error) {
      // The next round tries again: a lease that has run out is ours until somebody takes it.
      say({ kind: 'trouble', sentence: error instanceof Error ? error.message : 'Cannot renew leases' });
    }
  }
}

// It imports no room that it can do without: each is loaded a second time here, all of the database's for 13 MiB.
// This file is the main of a thread, started by keep-lease.ts; elsewhere it does nothing.
if (parentPort !== null) await keepLeases(workerData, parentPort);
