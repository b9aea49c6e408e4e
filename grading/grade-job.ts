import type { Engine } from '@orca/docker';
import {
  effectiveLimits,
  type FlatStep,
  flattenScript,
  type GradingJobConfig,
  type JobLimits,
  type Timings,
} from '@orca/protocol';
import { buildErrorResult, buildResult, type ResultFrame } from './build-result.ts';
import { ensureImage } from './ensure-image.ts';
import { type FetchDeps, fetchFiles } from './fetch-files.ts';
import type { Sandbox, SandboxEvent, SandboxReport } from './sandbox/sandbox.ts';
import { startTimer } from './stage-timer.ts';
import { createWorkspace } from './workspace.ts';

/** One run of a job. */
export interface JobToGrade {
  /** The client's own identifier; it goes into the result and nowhere else. */
  readonly key: string;
  readonly config: GradingJobConfig;
  /** The `webhook-id` of the result's delivery. */
  readonly gradingId: string;
  /** From release to claim. */
  readonly queuedMs: number;
}

/** What grading needs. */
export interface GradeDeps {
  readonly engine: Engine;
  readonly sandbox: Sandbox;
  readonly fetch: FetchDeps;
  /** Where the folders of jobs are made. */
  readonly jobsFolder: string;
  readonly allowedLimits: JobLimits;
  /** Whether a job that asks for the network gets it. */
  readonly allowNetwork: boolean;
  /** Told of the container, before it is made, and of each step. */
  readonly onEvent?: (event: SandboxEvent) => void;
}

/** How a run ended. */
export type Graded =
  /** Final: `body` is what the client receives, byte for byte. */
  | { kind: 'result'; outcome: 'graded' | 'failed'; body: string }
  /** Through no fault of the job: worth another attempt. */
  | { kind: 'fault'; sentence: string; cause?: unknown }
  /** The signal aborted. */
  | { kind: 'stopped' };

/**
 * Grades one job on this machine: image, files, sandbox, result. Leaves nothing behind, however it ends.
 *
 * @returns how it ended; what breaks on our side is a `fault`, never thrown
 */
export async function gradeJob(job: JobToGrade, deps: GradeDeps, signal: AbortSignal): Promise<Graded> {
  try {
    return await runStages(job, deps, signal);
  } catch (cause) {
    if (signal.aborted) return { kind: 'stopped' };
    const sentence =
      cause instanceof Error ? cause.message : 'Cannot grade the job: something unknown was thrown';
    return { kind: 'fault', sentence, cause };
  }
}

async function runStages(job: JobToGrade, deps: GradeDeps, signal: AbortSignal): Promise<Graded> {
  const { config } = job;
  const timer = startTimer(job.queuedMs);
  await using workspace = await createWorkspace(deps.jobsFolder);

  const image = await timer.measure('image_ms', ensureImage(config.grader_image_sha, deps));
  if (image.kind === 'missing') return { kind: 'fault', sentence: image.sentence };
  signal.throwIfAborted();

  const fetched = await timer.measure(
    'files_ms',
    fetchFiles(config.files, workspace.folder, deps.fetch, signal),
  );
  if (fetched.kind === 'failed') return { kind: 'fault', sentence: fetched.sentence };
  if (fetched.kind === 'refused') return refuseFiles(fetched.sentences, frameOf(job, timer.timings()));

  const steps = flattenScript(config.script);
  const { limits } = effectiveLimits(config, deps.allowedLimits);
  const network = deps.allowNetwork ? (config.network ?? 'none') : 'none';
  const sandboxJob = { steps, imageId: image.imageId, limits, network, files: fetched.files };
  const report = await deps.sandbox.run(sandboxJob, deps.onEvent ?? (() => {}), signal);
  timer.add(report.timings);
  return conclude(report, steps, frameOf(job, timer.timings()));
}

function refuseFiles(sentences: readonly string[], frame: ResultFrame): Graded {
  const errors = sentences.map((sentence) => ({ kind: 'FileFetchFailed', sentence }) as const);
  return { kind: 'result', outcome: 'failed', body: buildErrorResult(errors, frame) };
}

function conclude(report: SandboxReport, steps: readonly FlatStep[], frame: ResultFrame): Graded {
  const { ending } = report;
  switch (ending.kind) {
    case 'output':
    case 'abort':
    case 'limit':
      // A limit is the submission's doing: graded, with what ran before it.
      return { kind: 'result', outcome: 'graded', body: buildResult({ report, ending }, steps, frame) };
    case 'refused':
      return { kind: 'result', outcome: 'failed', body: buildResult({ report, ending }, steps, frame) };
    case 'failed':
      return { kind: 'fault', sentence: ending.sentence, cause: ending.cause };
    case 'stopped':
      return { kind: 'stopped' };
    default:
      return ending satisfies never;
  }
}

function frameOf({ key, gradingId }: JobToGrade, timings: Timings): ResultFrame {
  return { key, gradingId, timings };
}
