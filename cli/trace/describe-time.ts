import type { TracedJob } from './traced-job.ts';

/** What a job waited for, and what came in between, in words: `with 1 run that failed: …`; untrusted. */
export function aboutQueue(job: TracedJob): string {
  const { released, notBefore } = job;
  const texts = [
    ...waitedFor(job),
    ...(released === null ? ['with any delay that was asked for'] : []),
    ...(notBefore === null ? [] : [`next try at ${notBefore}`]),
    ...runsThatFailed(job),
  ];
  return texts.join(', ');
}

/**
 * What a delay was that was asked for; untrusted.
 *
 * @param isAll whether the job was not in the queue afterwards
 */
export function aboutDelay(job: TracedJob, isAll: boolean): string {
  const more = isAll ? aboutQueue(job) : '';
  return ['until its release time', ...(more === '' ? [] : [more])].join(', ');
}

/** What became of a run whose phases are not known, in words; untrusted. */
export function aboutRun({ state, outcome, phase, lastFault }: TracedJob): string {
  if (state !== 'finished')
    return phase === 'fetching' ? 'fetching its image and its files' : 'in its container';
  if (outcome === 'cancelled') return 'cut off, the job was cancelled';
  if (outcome === 'failed')
    return ['failed, it was the last try', ...(lastFault === null ? [] : [lastFault])].join(': ');
  return 'its phases are not known';
}

function waitedFor(job: TracedJob): string[] {
  const { state, outcome, claimed } = job;
  if (state === 'held') return ['waiting for its image'];
  if (hasImageFailed(job)) return ['waiting for its image, which could not be built'];
  return outcome === 'cancelled' && claimed === null ? ['until it was cancelled'] : [];
}

/** The last fault is that of the last run, which may be no part of the wait, or of the build of its image. */
function runsThatFailed(job: TracedJob): string[] {
  const { faults, lastFault } = job;
  const failed = faults - (hasLastRunFailed(job) ? 1 : 0);
  const runs = failed > 0 ? [`with ${failed} ${failed === 1 ? 'run' : 'runs'} that failed`] : [];
  if (lastFault === null || hasLastRunFailed(job)) return runs;
  if (hasImageFailed(job)) return [...runs, `the reason: ${lastFault}`];
  if (failed === 0) return [`put off: ${lastFault}`];
  return failed === 1 ? [`${runs[0]}: ${lastFault}`] : [...runs, `the last: ${lastFault}`];
}

/** No run fails a job that was not claimed: only its image does. */
function hasImageFailed({ outcome, claimed }: TracedJob): boolean {
  return outcome === 'failed' && claimed === null;
}

/** Its third run by our fault ended it: one that fails by its own has a result, with what it took. */
function hasLastRunFailed({ outcome, claimed, hasPhases }: TracedJob): boolean {
  return outcome === 'failed' && claimed !== null && !hasPhases;
}
