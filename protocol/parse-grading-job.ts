import { Value } from 'typebox/value';
import { ERRORS_MAX } from './api-error.ts';
import { scriptProblems } from './check-script.ts';
import { explainMismatch, isJsonObject } from './explain-mismatch.ts';
import { type GradingJobConfig, GradingJobSchema } from './grading-job.ts';
import { GradingScriptSchema } from './grading-script.ts';
import { JSON_DEPTH_MAX, nestsDeeperThan } from './json-depth.ts';
import { rootPath, sentenceAt } from './json-path.ts';
import { takeFirst } from './take-first.ts';

/** A body checked: the job with remarks, or every problem as a sentence. */
export type ParsedGradingJob =
  | { readonly kind: 'valid'; readonly job: GradingJobConfig; readonly warnings: string[] }
  | { readonly kind: 'invalid'; readonly errors: string[] };

/** The script has rules that a schema cannot say. */
const EXPLAINERS = new Map([[GradingScriptSchema, scriptProblems]]);

/**
 * Checks the body of `PUT /grading_queue`, its script included. Nothing is coerced, nothing dropped, nothing changed: the
 * job is the value itself. Any value will do, however deep it nests.
 *
 * @param value as `JSON.parse` gives it
 * @returns the job and remarks about it (the script's unreachable commands are not among them, nor limits that the
 *   server lowers: `unreachableCommands`, `effectiveLimits`); or at most `ERRORS_MAX` sentences, each beginning with the
 *   path of the culprit
 */
export function parseGradingJob(value: unknown): ParsedGradingJob {
  const errors = takeFirst(jobProblems(value), ERRORS_MAX);
  if (errors.length > 0) return { kind: 'invalid', errors };
  if (!Value.Check(GradingJobSchema, value)) {
    return { kind: 'invalid', errors: [sentenceAt(rootPath(''), 'must be a grading job')] };
  }
  return { kind: 'valid', job: value, warnings: listWarnings(value) };
}

function* jobProblems(value: unknown): Generator<string> {
  const path = rootPath('');
  if (nestsDeeperThan(value, JSON_DEPTH_MAX)) {
    // A script that nests too deep has a sentence of its own, which says more.
    const [problem] = isJsonObject(value) ? scriptProblems(value['script'], rootPath('script')) : [];
    return yield problem ?? sentenceAt(path, `nesting deeper than ${JSON_DEPTH_MAX}`);
  }
  yield* explainMismatch(GradingJobSchema, value, path, EXPLAINERS);
}

function listWarnings(job: GradingJobConfig): string[] {
  if (job.container_response_url === undefined) return [];
  return ['container_response_url: accepted and not used, nothing in a container posts'];
}
