import { ERROR_CHARACTERS_MAX } from './api-error.ts';
import { count } from './count.ts';
import { SHOWN_CHARACTERS_MAX } from './json-path.ts';
import { plainLine } from './plain-text.ts';

/** What the status route knows about a grader image. */
export type ImageStatus =
  | { readonly kind: 'unknown' }
  /** `ahead` counts the builds that come before it. */
  | { readonly kind: 'queued'; readonly ahead: number }
  /** `seconds` since the build began; `step` as the engine names it, `null` before the first. */
  | { readonly kind: 'building'; readonly seconds: number; readonly step: string | null }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly reason: string }
  /** Built once, put away since. */
  | { readonly kind: 'pruned' };

const MINUTE_SECONDS = 60;
/** Shown in minutes from here on. */
const SECONDS_SHOWN_MAX = 120;

/** Rounded down: time that has passed. */
function describeElapsed(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  return whole < SECONDS_SHOWN_MAX
    ? count(whole, 'second')
    : count(Math.floor(whole / MINUTE_SECONDS), 'minute');
}

/**
 * Says to a person how far a grader image is. Step and reason are shown plain, on one line, and cut.
 *
 * @returns one sentence in English
 */
export function imageSentence(state: ImageStatus): string {
  switch (state.kind) {
    case 'unknown':
      return 'No grader image with this checksum is known.';
    case 'queued':
      return `Your grader image is number ${state.ahead + 1} in the queue of images to be built.`;
    case 'building': {
      const step = plainLine(state.step ?? '', SHOWN_CHARACTERS_MAX);
      const elapsed = `for ${describeElapsed(state.seconds)}`;
      return `Your grader image is being built (${step === '' ? elapsed : `${elapsed}; ${step}`}).`;
    }
    case 'ready':
      return 'Your grader image is ready.';
    case 'failed': {
      const reason = plainLine(state.reason, ERROR_CHARACTERS_MAX).replace(/\.$/, '');
      return `Your grader image failed to build: ${reason === '' ? 'the reason is not known' : reason}.`;
    }
    case 'pruned':
      return 'Your grader image was put away because it was not used; it is built again when a job names it.';
    default:
      return state satisfies never;
  }
}
