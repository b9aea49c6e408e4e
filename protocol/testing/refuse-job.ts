import assert from 'node:assert/strict';
import { parseGradingJob } from '../parse-grading-job.ts';
import { validJob } from './valid-job.ts';

/** What is wrong with a job; nothing with a valid one. */
export function errorsOf(value: unknown): string[] {
  const parsed = parseGradingJob(value);
  return parsed.kind === 'valid' ? [] : parsed.errors;
}

/** The job with one member, named by its path, set to a value, or taken away. */
export function jobWith(path: readonly string[], value?: unknown): unknown {
  const job: unknown = JSON.parse(JSON.stringify(validJob()));
  let at: unknown = job;
  for (const name of path.slice(0, -1))
    at = typeof at === 'object' && at ? Reflect.get(at, name) : assert.fail();
  const last = path.at(-1) ?? assert.fail();
  if (typeof at !== 'object' || !at) assert.fail();
  if (value === undefined) Reflect.deleteProperty(at, last);
  else Object.defineProperty(at, last, { value, enumerable: true, configurable: true, writable: true });
  return job;
}

/** Each value of the member is the only thing wrong: one sentence. */
export function assertRefused(path: readonly string[], values: readonly unknown[], sentence: RegExp): void {
  for (const value of values) {
    const errors = errorsOf(jobWith(path, value));
    assert.equal(
      errors.length,
      1,
      `${path.join('.')} = ${String(value).slice(0, 80)}: ${JSON.stringify(errors)}`,
    );
    assert.match(errors[0] ?? '', sentence);
  }
}

/** Each value of the member is right. */
export function assertAccepted(path: readonly string[], values: readonly unknown[]): void {
  for (const value of values) assert.deepEqual(errorsOf(jobWith(path, value)), [], path.join('.'));
}
