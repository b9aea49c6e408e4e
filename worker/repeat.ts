import { type Logger, sleep } from '@orca/daemon';

/**
 * Does something now and then, until the signal aborts. What fails is logged, once for each time that it begins to
 * fail, and tried again at its next turn.
 *
 * @param what names it in the log: `heartbeat`
 * @returns when the signal has aborted and the turn under way is over
 */
export async function repeat(
  what: string,
  act: () => Promise<unknown>,
  { everyMs, log }: { readonly everyMs: number; readonly log: Logger },
  signal: AbortSignal,
): Promise<void> {
  let isFailing = false;
  while (!signal.aborted) {
    try {
      await act();
      if (isFailing) log.info({ what }, 'works again');
      isFailing = false;
    } catch (err) {
      if (!isFailing) log.warn({ err, what }, 'fails: it will be tried again');
      isFailing = true;
    }
    await sleep(everyMs, signal);
  }
}
