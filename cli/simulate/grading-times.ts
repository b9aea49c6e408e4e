import { InvalidArgumentError } from 'commander';
import { normal, type Random } from './random.ts';

/** How long gradings take. */
export type GradingTimes =
  | { readonly kind: 'constant'; readonly seconds: number }
  /** Each time between the two is as likely. */
  | { readonly kind: 'between'; readonly min: number; readonly max: number }
  /** Log-normal, as such times mostly are: many short ones and a few long ones. */
  | { readonly kind: 'spread'; readonly median: number; readonly p95: number };

const NUMBER = /^\d+(\.\d+)?$/;

/** Of the standard normal distribution. */
const P95 = 1.6449;

/**
 * Reads `5`, `2-20` or `4/20`.
 *
 * @throws {InvalidArgumentError} with a sentence
 */
export function parseGradingTimes(text: string): GradingTimes {
  const [, one = '', mark = '', other = ''] = /^([^-/]+)(?:([-/])(.+))?$/.exec(text) ?? [];
  const [low, high] = [Number(one), Number(other)];
  const isGood = NUMBER.test(one) && (mark === '' || (NUMBER.test(other) && high >= low && low > 0));
  if (!isGood)
    throw new InvalidArgumentError(
      'It must be seconds such as 5, the shortest and the longest such as 2-20, or the median and the 95th percentile such as 4/20.',
    );
  switch (mark) {
    case '-':
      return { kind: 'between', min: low, max: high };
    case '/':
      return { kind: 'spread', median: low, p95: high };
    default:
      return { kind: 'constant', seconds: low };
  }
}

/** One time, in seconds. */
export function drawGradingTime(times: GradingTimes, random: Random): number {
  switch (times.kind) {
    case 'constant':
      return times.seconds;
    case 'between':
      return times.min + (times.max - times.min) * random();
    case 'spread':
      return times.median * (times.p95 / times.median) ** (normal(random) / P95);
    default:
      return times satisfies never;
  }
}
