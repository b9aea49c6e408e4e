import {
  type FlatStep,
  type Folders,
  type GradingResult,
  hideFolders,
  type ResultErrorKind,
  resultError,
  type ShellResponse,
  type Timings,
} from '@orca/protocol';
import { readTap } from '@orca/results';
import { fitResult } from './fit-result.ts';
import type { SandboxEnding, SandboxReport, StepReport } from './sandbox/sandbox.ts';
import { wholeLines } from './sandbox/step-recorder.ts';

/** What a result says beside what the sandbox reports. */
export interface ResultFrame {
  readonly key: string;
  readonly gradingId: string;
  readonly timings: Timings;
}

/** Something that went wrong outside the commands. */
export interface ResultError {
  readonly kind: ResultErrorKind;
  readonly sentence: string;
}

/** The endings that are results; the others are a fault of ours, or nobody's business. */
export type FinalEnding = Exclude<SandboxEnding, { kind: 'failed' } | { kind: 'stopped' }>;

/**
 * The result of a job that ended before its container did anything.
 *
 * @returns the exact bytes to POST
 */
export function buildErrorResult(errors: readonly ResultError[], frame: ResultFrame): string {
  return JSON.stringify(assemble({ errors, responses: [] }, frame));
}

/**
 * The result of a job that ran, as the wire contract has it: commands in the order in which they ran, paths of the
 * three folders as variables, `output` only of the command that ended the script with it.
 *
 * @param steps the script, to show commands as they were written
 * @returns the exact bytes to POST, at most 8 MiB
 * @see docs/guides/grading-script.md
 */
export function buildResult(
  { report, ending }: { readonly report: SandboxReport; readonly ending: FinalEnding },
  steps: readonly FlatStep[],
  frame: ResultFrame,
): string {
  const responses = report.steps.map((step) => buildResponse(step, steps, report.folders));
  const errors = errorsOf(ending).map(({ kind, sentence }) => ({
    kind,
    sentence: hideFolders(sentence, report.folders),
  }));
  const output = outputOf(ending, report, responses);
  return JSON.stringify(fitResult(assemble({ errors, responses, output }, frame)));
}

function assemble(
  parts: { errors: readonly ResultError[]; responses: ShellResponse[]; output?: ScriptOutput | null },
  { key, gradingId, timings }: ResultFrame,
): GradingResult {
  const { errors, responses, output = null } = parts;
  const tests = output === null ? null : readTap(output.report);
  return {
    key,
    shell_responses: responses,
    errors: errors.map(({ kind, sentence }) => resultError(kind, sentence)),
    ...(output === null ? {} : { output: output.shown }),
    error_codes: errors.map(({ kind }) => kind),
    timings,
    ...(tests === null ? {} : { tests: tests.tests }),
    ...(tests === null || tests.score === null ? {} : { score: tests.score }),
    grading_id: gradingId,
  };
}

function errorsOf(ending: FinalEnding): ResultError[] {
  switch (ending.kind) {
    case 'output':
    case 'abort':
      return [];
    case 'refused':
      return [{ kind: 'ArchiveRefused', sentence: `files.${ending.file}: ${ending.sentence}` }];
    case 'limit':
      return [{ kind: 'LimitExceeded', sentence: ending.sentence }];
    default:
      return ending satisfies never;
  }
}

/** The output of a script. */
interface ScriptOutput {
  /** As the client gets it. */
  readonly shown: string;
  /** As it is read for tests: without the halves of lines that a cut left. */
  readonly report: string;
}

function outputOf(
  ending: FinalEnding,
  report: SandboxReport,
  responses: readonly ShellResponse[],
): ScriptOutput | null {
  if (ending.kind !== 'output') return null;
  // Each step runs at most once: a script has no cycles.
  const index = report.steps.findIndex((step) => step.step === ending.step);
  const stdout = report.steps[index]?.stdout ?? Buffer.alloc(0);
  const shown = responses[index]?.stdout ?? '';
  const whole = wholeLines(stdout);
  return { shown, report: whole === stdout ? shown : hideFolders(decode(whole), report.folders).trimEnd() };
}

/** One command as results show it. */
export function buildResponse(step: StepReport, steps: readonly FlatStep[], folders: Folders): ShellResponse {
  const show = (text: string): string => hideFolders(text, folders);
  const written = steps[step.step];
  const cmd = written?.kind === 'shell' ? written.cmd : step.cmd;
  return {
    cmd: typeof cmd === 'string' ? show(cmd) : cmd.map(show),
    stdout: show(decode(step.stdout)).trimEnd(),
    stderr: show(decode(step.stderr)).trimEnd(),
    is_error: step.timedOut || step.status !== 0,
    did_timeout: step.timedOut,
    timed_out: step.timedOut,
    status_code: step.timedOut ? null : step.status,
    usage: {
      wall_ms: Math.round(step.usage.wallMs),
      cpu_ms: Math.round(step.usage.cpuMs),
      memory_peak_bytes: step.usage.memoryPeakBytes,
      output_bytes: step.outputBytes,
    },
    ...(step.limit === null ? {} : { limit: { kind: step.limit.kind, sentence: show(step.limit.sentence) } }),
  };
}

/** Bytes that are no UTF-8 become U+FFFD; a byte order mark stays, being output like any other. */
function decode(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}
