import { redactText } from '@orca/daemon';
import { CHECK_TIMEOUT_MS, type Check, fail, type Verdict } from './check.ts';
import { explain } from './explain.ts';
import type { Host } from './host.ts';

/** What a check has come to. */
export interface Finding {
  readonly name: string;
  readonly verdict: Verdict;
  readonly ms: number;
}

/**
 * Runs the checks of a machine's role, all at the same time: none waits for another, and one that hangs or breaks only
 * gives its own finding.
 *
 * @returns the findings in the order of the checks
 */
export async function runChecks(
  checks: readonly Check[],
  host: Host,
  signal: AbortSignal,
): Promise<Finding[]> {
  const { role } = host;
  const mine = checks.filter(({ roles }) => role === 'all' || roles.includes(role));
  return Promise.all(mine.map((check) => runCheck(check, host, signal)));
}

async function runCheck(check: Check, host: Host, signal: AbortSignal): Promise<Finding> {
  const startedAt = performance.now();
  const verdict = await judgeInTime(check, host, signal);
  signal.throwIfAborted();
  return {
    name: check.name,
    verdict: withoutSecrets(verdict),
    ms: Math.round(performance.now() - startedAt),
  };
}

async function judgeInTime(check: Check, host: Host, signal: AbortSignal): Promise<Verdict> {
  const timeoutMs = check.timeoutMs ?? CHECK_TIMEOUT_MS;
  const late = AbortSignal.timeout(timeoutMs);
  const over = AbortSignal.any([signal, late]);
  const end = Promise.withResolvers<Verdict>();
  const give = (): void =>
    end.resolve(
      fail(
        `There was no answer within ${timeoutMs / 1000} s`,
        'look at what this check asks: it hangs, or this machine is overloaded',
      ),
    );
  over.addEventListener('abort', give, { once: true });
  if (over.aborted) give();
  const run = check.run(host, over).catch((error: unknown) =>
    // Not foreseen, and no reason to keep the rest from the operator.
    fail(explain(error), 'the sentence is all that is known; it may be a defect of this check'),
  );
  return Promise.race([run, end.promise]);
}

/** Whatever was seen: no password of a URL, no query, nothing that moves a cursor. How to mend it is our own text. */
function withoutSecrets(verdict: Verdict): Verdict {
  if (verdict.kind === 'skipped') return { ...verdict, reason: redactText(verdict.reason) };
  return { ...verdict, now: redactText(verdict.now) };
}
