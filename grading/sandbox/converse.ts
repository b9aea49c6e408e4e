import type { JobLimits } from '@orca/protocol';
import type { SandboxPlan } from '@orca/protocol/sandbox-plan';
import { type CutOffSwitch, watchOver } from './cut-off.ts';
import { explainEnding, explainSilence, type Silence } from './explain-ending.ts';
import { allSteps, type Heard, nothingHeard, takeDown } from './hear-out.ts';
import { readEvents } from './read-events.ts';
import { readFrames } from './read-frames.ts';
import type { RunningHarness } from './running-harness.ts';
import type { SandboxEnding, SandboxEvent, SandboxFile, StepReport } from './sandbox.ts';
import { sendJob } from './send-job.ts';

/** What goes into a container. */
export interface Conversation {
  /** `null`: the harness has it, and waits for its plan. */
  readonly program: string | null;
  readonly plan: SandboxPlan;
  readonly files: readonly SandboxFile[];
  readonly limits: JobLimits;
}

/** What came out of it. The times are moments of `performance.now()`, `null` where it did not get there. */
export interface Conversed {
  readonly steps: readonly StepReport[];
  readonly ending: SandboxEnding;
  readonly readyAt: number | null;
  /** Whether the harness has said that it has its plan: before, nothing of the job is in the container. */
  readonly hasPlan: boolean;
  readonly filesReadyAt: number | null;
  /** Whether it has ended as it should: nothing of the job runs any more. */
  readonly hasLastWord: boolean;
}

/** How long a harness may take to say that it has its plan, with a whole CPU; with less of one it takes its time. */
export const READY_MS_MAX = 30_000;

/** By how much the worker's clock is more patient than the harness' own, which ends a job more tidily. */
export const OUTER_GRACE_MS = 2_000;

const COMPLAINT_BYTES = 4_096;
const MS_PER_SECOND = 1_000;

/**
 * Sends a container its job and hears it out: until its last word, its death, its deadline, or the signal.
 *
 * @returns never throws: what goes wrong is an ending
 */
export async function converse(
  container: RunningHarness,
  conversation: Conversation,
  onEvent: (event: SandboxEvent) => void,
  signal: AbortSignal,
): Promise<Conversed> {
  using cutOff = watchOver(container, signal);
  cutOff.expectWithin(READY_MS_MAX / Math.min(1, conversation.limits.cpus), 'silent');
  const heard = nothingHeard();
  const [notSent, listened] = await Promise.all([
    send(container, conversation, cutOff, signal),
    listen(container, conversation, { heard, cutOff, onEvent }),
  ]);
  const { readyAt, hasPlan, filesReadyAt, ending: lastWord } = heard;
  const times = { readyAt, hasPlan, filesReadyAt };
  if (lastWord !== null && cutOff.why() === null) {
    const limit = lastWord.kind === 'job_time' ? 'job_time' : null;
    const ending = explainEnding(lastWord, conversation.limits);
    return { ...times, steps: allSteps(heard, limit), ending, hasLastWord: true };
  }
  await cutOff.done();
  const silence: Silence = {
    cutOff: cutOff.why(),
    problem: notSent ?? listened.problem,
    complaint: listened.complaint,
    ...(await askForDeath(container, cutOff)),
  };
  const ending = explainSilence(silence, conversation.limits);
  return { ...times, steps: allSteps(heard, limitOf(silence)), ending, hasLastWord: false };
}

/** @returns what went wrong with sending, when that is not just the container's end */
async function send(
  container: RunningHarness,
  conversation: Conversation,
  cutOff: CutOffSwitch,
  signal: AbortSignal,
): Promise<unknown> {
  try {
    await sendJob(container.stdin, conversation, signal);
  } catch (error) {
    // A container that has ended takes no more: why it has, the listener learns.
    if (!container.stdin.writable) return undefined;
    cutOff.cut('broken');
    return error;
  }
  return undefined;
}

/** Listens until the output ends, for whatever reason. */
async function listen(
  container: RunningHarness,
  { plan, limits }: Conversation,
  deps: { heard: Heard; cutOff: CutOffSwitch; onEvent: (event: SandboxEvent) => void },
): Promise<{ problem: unknown; complaint: string }> {
  const { heard, cutOff, onEvent } = deps;
  let complaint: Buffer = Buffer.alloc(0);
  let problem: unknown;
  try {
    const frames = readFrames(container.output, (bytes) => {
      complaint = Buffer.concat([complaint, bytes]).subarray(-COMPLAINT_BYTES);
    });
    for await (const event of readEvents(frames, plan, limits)) {
      takeDown(heard, event, { folders: plan.folders, onEvent });
      // Only now: one that had been waiting for its plan may have been cut off meanwhile, which is not the job's doing.
      if (event.kind === 'plan_read') {
        cutOff.expectWithin(limits.wallSeconds * MS_PER_SECOND + OUTER_GRACE_MS, 'deadline');
      }
      // It has nothing more to say; whoever still writes to it learns so.
      if (event.kind === 'ended') break;
    }
  } catch (error) {
    problem = error;
    cutOff.cut('broken');
  }
  container.disconnect();
  return { problem, complaint: complaint.toString() };
}

async function askForDeath(
  container: RunningHarness,
  cutOff: CutOffSwitch,
): Promise<Pick<Silence, 'state'> & { problem?: unknown }> {
  if (cutOff.why() !== null) return { state: null };
  try {
    return { state: await container.ending() };
  } catch (problem) {
    return { state: null, problem };
  }
}

function limitOf({ cutOff, state }: Silence): 'memory' | 'job_time' | null {
  if (cutOff === 'deadline') return 'job_time';
  return cutOff === null && state?.isOomKilled ? 'memory' : null;
}
