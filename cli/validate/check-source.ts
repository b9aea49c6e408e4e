import {
  effectiveLimits,
  type GradingScript,
  parseGradingJob,
  parseGradingScript,
  unreachableCommands,
} from '@orca/protocol';
import { fillJob } from '../grade/fill-job.ts';
import { drawingOf, type ScriptDrawing } from './script-drawing.ts';

/** What is known of a job or a script. Sentences begin with the JSON path of what they are about. */
export type Checked =
  | {
      readonly kind: 'valid';
      readonly what: 'job' | 'script';
      readonly warnings: readonly string[];
      readonly drawing: ScriptDrawing;
    }
  | { readonly kind: 'invalid'; readonly what: 'job' | 'script'; readonly errors: readonly string[] };

/**
 * Checks a job (a JSON object) or a script alone (a list), as the API does: pure.
 *
 * @returns with the warnings that the API gives, against the limits of a server that was told of no others
 */
export function checkSource(value: unknown): Checked {
  if (Array.isArray(value)) {
    const parsed = parseGradingScript(value);
    if (parsed.kind === 'invalid') return { ...parsed, what: 'script' };
    return valid('script', parsed.script, []);
  }
  const parsed = parseGradingJob(value);
  if (parsed.kind === 'invalid') return { ...parsed, what: 'job' };
  return valid('job', parsed.job.script, [...parsed.warnings, ...effectiveLimits(parsed.job).warnings]);
}

/**
 * Checks a job as `orca grade` takes it: what is left out is filled in, and files may be those of this machine. Pure: no
 * file is looked for.
 *
 * @param baseUrl the folder that `file:name` stands in, as a `file:` URL with a slash at its end
 */
export function checkHomeSource(value: unknown, baseUrl: string): Checked {
  const what = Array.isArray(value) ? 'script' : 'job';
  const filled = fillJob(value, baseUrl);
  if (filled.kind === 'invalid') return { ...filled, what };
  return valid(what, filled.job.script, [...filled.warnings, ...effectiveLimits(filled.job).warnings]);
}

function valid(what: 'job' | 'script', script: GradingScript, warnings: readonly string[]): Checked {
  const drawing = drawingOf(script);
  return { kind: 'valid', what, warnings: [...warnings, ...unreachableCommands(script)], drawing };
}
