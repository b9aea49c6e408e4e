import { scriptProblems } from './check-script.ts';
import { fitsSchema, isJsonObject } from './explain-mismatch.ts';
import { type GradingJobConfig, GradingJobSchema } from './grading-job.ts';
import { GradingScriptSchema } from './grading-script.ts';
import { JSON_DEPTH_MAX, nestsDeeperThan } from './json-depth.ts';
import { type JsonPath, rootPath, sentenceAt } from './json-path.ts';

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
  const errors: string[] = [];
  const path = rootPath('');
  if (nestsDeeperThan(value, JSON_DEPTH_MAX)) return { kind: 'invalid', errors: [explainDepth(value, path)] };
  if (!fitsSchema(GradingJobSchema, value, path, errors, EXPLAINERS)) return { kind: 'invalid', errors };
  return { kind: 'valid', job: value, warnings: listWarnings(value) };
}

/** A script that nests too deep has a sentence of its own, which says more. */
function explainDepth(value: unknown, path: JsonPath): string {
  const [problem] = isJsonObject(value) ? scriptProblems(value['script'], rootPath('script')) : [];
  return problem ?? sentenceAt(path, `nesting deeper than ${JSON_DEPTH_MAX}`);
}

function listWarnings(job: GradingJobConfig): string[] {
  if (job.container_response_url === undefined) return [];
  return ['container_response_url: accepted and not used, nothing in a container posts'];
}
