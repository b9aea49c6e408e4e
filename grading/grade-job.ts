import { isRefusal } from '@orca/docker';
import {
  effectiveLimits,
  type FlatStep,
  flattenScript,
  type GradingJobConfig,
  type JobLimits,
  type Timings,
} from '@orca/protocol';
import { buildErrorResult, buildResult, type ResultFrame } from './build-result.ts';
import type { EnsuredImage, Images } from './ensure-image.ts';
import { fetchAhead } from './fetch-ahead.ts';
import { type FetchDeps, fetchFiles } from './fetch-files.ts';
import type { Sandbox, SandboxEvent, SandboxJob, SandboxReport } from './sandbox/sandbox.ts';
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
  readonly images: Images;
  readonly sandbox: Sandbox;
  readonly fetch: FetchDeps;
  /** Where the folders of jobs are made. */
  readonly jobsFolder: string;
  readonly allowedLimits: JobLimits;
  /** Whether a job that asks for the network gets it. */
  readonly allowNetwork: boolean;
  /** Told of each stage that is done, of the container, before it is made, and of each step. */
  readonly onEvent?: (event: RunEvent) => void;
}

/** What happens in a run, as it happens. */
export type RunEvent = SandboxEvent | { readonly kind: 'stage_done'; readonly stage: 'image' | 'files' };

/** What a run that got a result took, for those who measure. */
export interface RunFacts {
  readonly timings: Timings;
  /** Files that came from the client, and kept copies that were still right. */
  readonly files: { readonly fetched: number; readonly cached: number };
}

/** How a run ended. */
export type Graded =
  /** Final: `body` is what the client receives, byte for byte. */
  | ({ kind: 'result'; outcome: 'graded' | 'failed'; body: string } & RunFacts)
  /** Through no fault of the job: worth another attempt. */
  | { kind: 'fault'; sentence: string; cause?: unknown }
  /** What it needs is away for a while, and not only for this job: worth another attempt, and costs none. */
  | { kind: 'not_now'; sentence: string; cause?: unknown }
  /** Its image is not built, or not any more: the job has to wait until it is. */
  | { kind: 'image_gone' }
  /** The signal aborted. */
  | { kind: 'stopped' };

/**
 * Grades one job on this machine: image, files, sandbox, result. Leaves nothing behind, however it ends. The files of a job
 * whose image should be here are fetched while that is looked at.
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
  const tell = deps.onEvent ?? (() => {});
  const timer = startTimer(job.queuedMs);
  await using workspace = await createWorkspace(deps.jobsFolder);
  const onEvent = (event: RunEvent): void => {
    // Its commands have all the files, and no container is asked for a second time.
    if (event.kind === 'step_started') workspace.discard();
    tell(event);
  };

  const fetch = (stopped: AbortSignal) => fetchFiles(config.files, workspace.folder, deps.fetch, stopped);
  // Only then: a job whose image is away comes again and again, and its client's server is not to be asked each time.
  const isExpected = deps.images.isExpected(config.grader_image_sha);
  await using ahead = isExpected ? fetchAhead(fetch, signal) : null;
  const ensure = () => timer.measure('image_ms', deps.images.ensure(config.grader_image_sha, signal));
  const image = await ensure();
  if (image.kind !== 'present') return withoutImage(image);
  onEvent({ kind: 'stage_done', stage: 'image' });

  const fetched = await timer.measure('files_ms', ahead?.fetched ?? fetch(signal));
  if (fetched.kind === 'failed') return { kind: 'fault', sentence: fetched.sentence };
  if (fetched.kind === 'refused') return refuseFiles(fetched.sentences, frameOf(job, timer.timings()));
  onEvent({ kind: 'stage_done', stage: 'files' });
  const files = { fetched: fetched.files.length - fetched.cached, cached: fetched.cached };

  const steps = flattenScript(config.script);
  const { limits } = effectiveLimits(config, deps.allowedLimits);
  const network = deps.allowNetwork ? (config.network ?? 'none') : 'none';
  const run = async (imageId: string): Promise<SandboxReport> => {
    const sandboxJob: SandboxJob = { steps, imageId, limits, network, files: fetched.files };
    const report = await deps.sandbox.run(sandboxJob, onEvent, signal);
    timer.add(report.timings);
    return report;
  };
  let report = await run(image.imageId);
  if (isImageMissing(report)) {
    // Somebody has removed it between the look and the start: once more, from the beginning.
    deps.images.forget(config.grader_image_sha);
    const again = await ensure();
    if (again.kind !== 'present') return withoutImage(again);
    report = await run(again.imageId);
  }
  return conclude(report, steps, frameOf(job, timer.timings()), files);
}

/** The engine has no such image: that is what its 404 means, before anything runs. */
function isImageMissing({ ending, steps }: SandboxReport): boolean {
  return ending.kind === 'failed' && steps.length === 0 && isRefusal(ending.cause, 404);
}

function withoutImage(image: Exclude<EnsuredImage, { kind: 'present' }>): Graded {
  switch (image.kind) {
    case 'not_built':
      return { kind: 'image_gone' };
    case 'away':
      return { kind: 'not_now', sentence: image.sentence, cause: image.cause };
    case 'missing':
      return { kind: 'fault', sentence: image.sentence, cause: image.cause };
    default:
      return image satisfies never;
  }
}

function refuseFiles(sentences: readonly string[], frame: ResultFrame): Graded {
  const errors = sentences.map((sentence) => ({ kind: 'FileFetchFailed', sentence }) as const);
  const facts = { timings: frame.timings, files: { fetched: 0, cached: 0 } };
  return { kind: 'result', outcome: 'failed', body: buildErrorResult(errors, frame), ...facts };
}

function conclude(
  report: SandboxReport,
  steps: readonly FlatStep[],
  frame: ResultFrame,
  files: RunFacts['files'],
): Graded {
  const { ending } = report;
  const facts = { timings: frame.timings, files };
  switch (ending.kind) {
    case 'output':
    case 'abort':
    case 'limit':
      // A limit is the submission's doing: graded, with what ran before it.
      return {
        kind: 'result',
        outcome: 'graded',
        body: buildResult({ report, ending }, steps, frame),
        ...facts,
      };
    case 'refused':
      return {
        kind: 'result',
        outcome: 'failed',
        body: buildResult({ report, ending }, steps, frame),
        ...facts,
      };
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
