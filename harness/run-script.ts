import type { FlatShellStep, FlatStep, FlatTarget } from '@orca/protocol';
import {
  FRAME,
  type HarnessEnding,
  OUTPUT_HEAD_BYTES,
  OUTPUT_TAIL_BYTES,
  type SandboxPlan,
  type StepFinished,
  type StepStarted,
} from '@orca/protocol/sandbox-plan';
import { CONDITION_MS_MAX, checkCondition } from './check-condition.ts';
import type { FrameWriter } from './frames.ts';
import { keepOutput } from './keep-output.ts';
import type { OutputPipes } from './output-pipes.ts';
import { type CommandTime, runCommand } from './run-command.ts';
import type { Surroundings } from './surroundings.ts';

/** What running a script needs. */
export interface ScriptDeps {
  readonly frames: FrameWriter;
  readonly pipes: OutputPipes;
  readonly surroundings: Surroundings;
  /** On the clock of `performance.now()`: when the whole job's time is up. */
  readonly deadlineMs: number;
}

/**
 * Walks a script from its first step to an ending, and tells of each command as it runs.
 *
 * @param plan its steps end on every way: the script was checked before it was flattened
 */
export async function runScript(plan: SandboxPlan, deps: ScriptDeps): Promise<HarnessEnding> {
  let at: FlatTarget = 0;
  let last = 0;
  while (typeof at === 'number') {
    const step: FlatStep | undefined = plan.steps[at];
    if (step === undefined) return { kind: 'failed', sentence: `Cannot run step ${at}: there is none` };
    if (leftOf(deps.deadlineMs) === 0) return { kind: 'job_time' };
    last = at;
    if (step.kind === 'condition') {
      const timeMs = Math.min(CONDITION_MS_MAX, leftOf(deps.deadlineMs));
      const holds = await checkCondition(step, timeMs, { plan, surroundings: deps.surroundings });
      // Not by the clock: a timer may be a moment early.
      if (holds === 'expired' && timeMs < CONDITION_MS_MAX) return { kind: 'job_time' };
      at = holds === true ? step.onTrue : step.onFalse;
      continue;
    }
    const { status, limit } = await runStep(at, step, plan, deps);
    // Whatever it was that the command waited for.
    const isTimeUp = status === null && leftOf(deps.deadlineMs) === 0;
    if (limit === 'job_time' || isTimeUp) return { kind: 'job_time' };
    at = status === 0 ? step.onSuccess : step.onFailure;
  }
  return at === 'output' ? { kind: 'output', step: last } : { kind: 'abort' };
}

async function runStep(
  index: number,
  step: FlatShellStep,
  plan: SandboxPlan,
  deps: ScriptDeps,
): Promise<StepFinished> {
  const { frames } = deps;
  frames.sendJson(FRAME.stepStarted, { step: index } satisfies StepStarted);
  const kept = { headBytes: OUTPUT_HEAD_BYTES, tailBytes: OUTPUT_TAIL_BYTES };
  const stdout = keepOutput(kept, (bytes) => frames.send(FRAME.stdout, bytes));
  const stderr = keepOutput(kept, (bytes) => frames.send(FRAME.stderr, bytes));
  const { status, limit, full, usage } = await runCommand(step, timeOf(step, deps.deadlineMs), {
    plan,
    pipes: deps.pipes,
    surroundings: deps.surroundings,
    onStdout: (bytes) => stdout.add(bytes),
    onStderr: (bytes) => stderr.add(bytes),
  });
  const finished: StepFinished = {
    step: index,
    status,
    limit,
    full: limit === 'disk' ? full : null,
    stdoutBytes: stdout.totalBytes,
    stderrBytes: stderr.totalBytes,
    wallMs: usage.wallMs,
    cpuMs: usage.cpuMs,
    memoryPeakBytes: usage.memoryPeakBytes,
  };
  frames.together(() => {
    sendTail(frames, FRAME.stdoutTail, stdout.tail());
    sendTail(frames, FRAME.stderrTail, stderr.tail());
    frames.sendJson(FRAME.stepFinished, finished);
  });
  await frames.flush();
  return finished;
}

function sendTail(frames: FrameWriter, type: number, tail: Buffer): void {
  if (tail.length > 0) frames.send(type, tail);
}

function timeOf(step: FlatShellStep, deadlineMs: number): CommandTime {
  const stepMs = step.timeoutSeconds * 1_000;
  const jobMs = leftOf(deadlineMs);
  return stepMs <= jobMs ? { ms: stepMs, limit: 'step_time' } : { ms: jobMs, limit: 'job_time' };
}

function leftOf(deadlineMs: number): number {
  return Math.max(0, deadlineMs - performance.now());
}
