import type { Logger } from '@orca/daemon';
import { CHANNELS, type Database, listenTo } from '@orca/database';
import { checkLeases } from './check-leases.ts';
import type { LiveRun, LiveRuns } from './live-runs.ts';
import type { WakeUp } from './wake-up.ts';

/** Who is told. */
export interface NotificationDeps {
  readonly db: Database;
  readonly leaseSeconds: number;
  readonly runs: LiveRuns;
  readonly wakeUp: WakeUp;
  readonly log: Logger;
}

/**
 * Listens to the database: wakes the claim loop when there is work, and stops runs whose lease is gone because their
 * job was superseded or cancelled. After each connect both are looked at, since what was sent before is lost.
 *
 * @returns when the signal aborts
 */
export async function watchNotifications(deps: NotificationDeps, signal: AbortSignal): Promise<void> {
  const { db, runs, wakeUp, log } = deps;
  // The database is asked: a notification may be old, or anybody's.
  const look = (list: readonly LiveRun[]): void => {
    checkLeases(list, deps).catch((err: unknown) => {
      // The thread that renews the leases will find out.
      log.debug({ err }, 'leases could not be looked at');
    });
  };
  await listenTo(
    db.url,
    [CHANNELS.jobs, CHANNELS.runs],
    {
      onNotification(channel, payload) {
        if (channel === CHANNELS.jobs) wakeUp.wake();
        else look(runs.list().filter((run) => String(run.job.jobId) === payload));
      },
      onConnected() {
        wakeUp.wake();
        look(runs.list());
      },
    },
    signal,
  );
}
