import { FRAME, type HarnessEnding, type SandboxPlan } from '@orca/protocol/sandbox-plan';
import type { ByteReader } from './byte-reader.ts';
import { type FrameWriter, readFrameHeader } from './frames.ts';
import type { OutputPipes } from './output-pipes.ts';
import type { PlacingChild, ReceivedPlan } from './start-placing-child.ts';
import { runScript } from './run-script.ts';
import type { Surroundings } from './surroundings.ts';

/** What running a plan needs. */
export interface PlanDeps {
  readonly frames: FrameWriter;
  readonly placing: PlacingChild;
  readonly pipes: OutputPipes;
  readonly surroundings: Surroundings;
  /** Called when the input holds nothing more that is to be read. */
  readonly onInputRead: () => void;
}

/** One for each of its outputs. */
export const PIPES_PER_COMMAND = 2;

/**
 * Reads a plan and its files, and runs it to its end.
 *
 * @returns why there is nothing more to do; for everything but `failed` nothing is wrong with us
 * @throws {UnexpectedEndError} when the input ends before the files do
 */
export async function runPlan(input: ByteReader, deps: PlanDeps): Promise<HarnessEnding> {
  const { type, length } = await readFrameHeader(input);
  if (type !== FRAME.plan) return { kind: 'failed', sentence: `Cannot begin with a frame of type ${type}` };
  const bytes = await input.readExactly(length);
  const plan: SandboxPlan = JSON.parse(bytes.toString());
  deps.frames.send(FRAME.planRead);
  const deadlineMs = performance.now() + plan.limits.wallSeconds * 1_000;

  const commands = plan.steps.filter((step) => step.kind === 'shell').length;
  const placed = placeAll({ bytes, plan }, input, deadlineMs, deps);
  const [problem] = await Promise.all([placed, deps.pipes.provide(commands * PIPES_PER_COMMAND)]);
  if (problem !== null) return problem;
  deps.frames.send(FRAME.filesReady);
  return runScript(plan, { ...deps, deadlineMs });
}

async function placeAll(
  received: ReceivedPlan,
  input: ByteReader,
  deadlineMs: number,
  { placing, surroundings, onInputRead }: PlanDeps,
): Promise<HarnessEnding | null> {
  const endMeasuring = surroundings.measureUsage();
  const clock = Promise.withResolvers<{ kind: 'job_time' }>();
  const timer = setTimeout(() => clock.resolve({ kind: 'job_time' }), deadlineMs - performance.now());
  const placement = await Promise.race([placing.place(received, input, onInputRead), clock.promise]);
  clearTimeout(timer);
  const { oomKills } = endMeasuring();
  switch (placement.kind) {
    case 'placed':
      return null;
    case 'job_time':
      await surroundings.killAll();
      return placement;
    case 'refused':
    case 'disk':
      return placement;
    case 'died':
      // Memory that an archive took is not our fault.
      return oomKills > 0 || placement.isOutOfMemory
        ? { kind: 'memory' }
        : { kind: 'failed', sentence: placement.sentence };
    default:
      return placement satisfies never;
  }
}
