import type { JobLimits } from '@orca/protocol';
import { FRAME, type HarnessEnding, type SandboxPlan } from '@orca/protocol/sandbox-plan';
import { parseEnding, parseStep, parseStepFinished } from './harness-messages.ts';
import { HarnessError, type UntrustedFrame } from './read-frames.ts';
import type { OutputStream, StepReport } from './sandbox.ts';
import { type RunningStep, recordStep } from './step-recorder.ts';

/** What a harness reports, checked. */
export type HarnessEvent =
  | { readonly kind: 'ready' }
  | { readonly kind: 'plan_read' }
  | { readonly kind: 'files_ready' }
  | { readonly kind: 'step_started'; readonly running: RunningStep }
  | {
      readonly kind: 'step_output';
      readonly step: number;
      readonly stream: OutputStream;
      readonly bytes: Buffer;
    }
  | { readonly kind: 'step_finished'; readonly report: StepReport }
  | { readonly kind: 'ended'; readonly ending: HarnessEnding };

// What comes next, and what may come in each state:
//   starting  --ready-->          waiting
//   waiting   --planRead-->       placing   (or `ended`: what came is no plan)
//   placing   --filesReady-->     between   (or `ended`: an archive was refused)
//   between   --stepStarted-->    running   (or `ended`)
//   running   --output, tails-->  running
//   running   --stepFinished-->   between   (or `ended`, when the harness gives up)
type State = 'starting' | 'waiting' | 'placing' | 'between' | 'running' | 'ended';

/**
 * Follows a harness, believing nothing: types, order, sizes and counts are checked, and every step runs at most once (a
 * script has no cycles), so that there is an end to what it can say.
 *
 * @throws {HarnessError} at the first frame that may not come
 */
export async function* readEvents(
  frames: AsyncIterable<UntrustedFrame>,
  plan: SandboxPlan,
  limits: JobLimits,
): AsyncGenerator<HarnessEvent> {
  let state: State = 'starting';
  let running: RunningStep | null = null;
  const seen = new Set<number>();
  const names = plan.files.map((file) => file.name);

  for await (const { type, bytes } of frames) {
    if (type === FRAME.ready && state === 'starting') {
      state = 'waiting';
      yield { kind: 'ready' };
    } else if (type === FRAME.planRead && state === 'waiting') {
      state = 'placing';
      yield { kind: 'plan_read' };
    } else if (type === FRAME.filesReady && state === 'placing') {
      state = 'between';
      yield { kind: 'files_ready' };
    } else if (type === FRAME.stepStarted && state === 'between') {
      running = startStep(parseStep(bytes, plan.steps.length), plan, limits, seen);
      state = 'running';
      yield { kind: 'step_started', running };
    } else if (type === FRAME.stepFinished && running !== null) {
      const finished = parseStepFinished(bytes, plan.steps.length);
      if (finished.step !== running.step)
        throw new HarnessError(`Cannot end step ${finished.step}: it does not run`);
      const report = running.finish(finished);
      running = null;
      state = 'between';
      yield { kind: 'step_finished', report };
    } else if (type === FRAME.ended && state !== 'starting' && state !== 'ended') {
      const ending = parseEnding(bytes, plan.steps.length, names);
      if (ending.kind === 'output' && !seen.has(ending.step)) {
        throw new HarnessError(`Cannot end with the output of step ${ending.step}: it has not run`);
      }
      state = 'ended';
      yield { kind: 'ended', ending };
    } else if (running !== null && addOutput(running, type, bytes)) {
      const stream = HEADS.get(type);
      if (stream !== undefined) yield { kind: 'step_output', step: running.step, stream, bytes };
    } else {
      throw new HarnessError(`Cannot take a frame of type ${type} and ${bytes.length} bytes while ${state}`);
    }
  }
}

/** Frames of what a command prints, as it prints it; what is kept of its end comes with its ending. */
const HEADS: ReadonlyMap<number, OutputStream> = new Map([
  [FRAME.stdout, 'stdout'],
  [FRAME.stderr, 'stderr'],
]);

function startStep(step: number, plan: SandboxPlan, limits: JobLimits, seen: Set<number>): RunningStep {
  const shell = plan.steps[step];
  if (shell?.kind !== 'shell') throw new HarnessError(`Cannot start step ${step}: it is no command`);
  if (seen.has(step)) throw new HarnessError(`Cannot start step ${step}: it has run`);
  seen.add(step);
  return recordStep(step, shell, limits);
}

/** @returns whether it was output, and there was room for it */
function addOutput(running: RunningStep, type: number, bytes: Buffer): boolean {
  switch (type) {
    case FRAME.stdout:
      return running.addHead('stdout', bytes);
    case FRAME.stderr:
      return running.addHead('stderr', bytes);
    case FRAME.stdoutTail:
      return running.addTail('stdout', bytes);
    case FRAME.stderrTail:
      return running.addTail('stderr', bytes);
    default:
      return false;
  }
}
