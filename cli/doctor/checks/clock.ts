import { type Check, EVERYWHERE, fail, ok, skipped, type Verdict, warn } from '../check.ts';
import { judgeSeen } from '../look.ts';
import { askServer } from '../ask-server.ts';

/** Logs and releases are off by that much: an operator should know. */
export const SKEW_WARN_MS = 2_000;
/** Signatures of POSTs are refused by clients from five minutes on. */
export const SKEW_FAIL_MS = 60_000;

const SECOND_MS = 1_000;
const MEND = 'sudo timedatectl set-ntp true, on the machine whose clock is wrong ("date" there says)';

/**
 * @param skewMs how far the other clock is ahead of ours
 * @param exactMs how exact that is
 */
export function judgeClock(whose: string, skewMs: number, exactMs: number): Verdict {
  const off = Math.abs(skewMs);
  const seconds = (off / SECOND_MS).toFixed(1);
  const now = `The clock of ${whose} is ${seconds} s ${skewMs < 0 ? 'behind' : 'ahead of'} this one`;
  if (off < SKEW_WARN_MS + exactMs) return ok(now);
  return off < SKEW_FAIL_MS ? warn(now, MEND) : fail(now, MEND);
}

/** Whether all machines agree on the time; jobs are released by the database's. */
export const clockChecks: readonly Check[] = [
  {
    name: 'clock.database',
    roles: EVERYWHERE,
    run: (host) => judgeSeen(host.seeDatabase(), ({ skewMs }) => judgeClock('the database', skewMs, 0)),
  },
  {
    name: 'clock.orchestrator',
    roles: ['worker'],
    async run({ server }, signal) {
      const answer = server === null ? null : await askServer(server, signal).catch(() => null);
      if (answer === null) return skipped('no API server answers');
      if (answer.skewMs === null) return skipped('the API server does not say what time it is');
      // The header Date has whole seconds.
      return judgeClock('the API server', answer.skewMs, SECOND_MS);
    },
  },
];
