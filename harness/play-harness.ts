import { FRAME, type HarnessEnding } from '@orca/protocol/sandbox-plan';
import { ByteReader } from './byte-reader.ts';
import { createFrameWriter } from './frames.ts';
import { stockOutputPipes } from './output-pipes.ts';
import { PIPES_PER_COMMAND, runPlan } from './run-plan.ts';
import { startPlacingChild } from './start-placing-child.ts';
import type { Surroundings } from './surroundings.ts';

/** What an entry does at the two ways in which a harness ends. */
export interface HarnessEnds {
  /** Before the last word: nothing of the submission may be left then. */
  beforeLastWord(): Promise<void> | void;
  /** The worker has gone, and all of this is for nobody: does not return. */
  onLost(): void;
}

/** A script with more of them, which are few, waits a moment for its pipes; one that is not needed costs next to nothing. */
const COMMANDS_EXPECTED = 20;

/** Plays the harness' part on standard input and output, from `ready` to `ended`. The process is to exit then. */
export async function playHarness(surroundings: Surroundings, ends: HarnessEnds): Promise<void> {
  const frames = createFrameWriter(process.stdout);
  const input = new ByteReader(process.stdin);
  const placing = startPlacingChild(surroundings);
  const pipes = stockOutputPipes(COMMANDS_EXPECTED * PIPES_PER_COMMAND, surroundings);
  frames.send(FRAME.ready);
  let ending: HarnessEnding;
  try {
    ending = await runPlan(input, {
      frames,
      placing,
      pipes,
      surroundings,
      onInputRead: () => void watchInput(input, ends.onLost).catch(ends.onLost),
    });
  } catch (error) {
    ending = { kind: 'failed', sentence: error instanceof Error ? error.message : String(error) };
  }
  await ends.beforeLastWord();
  frames.sendJson(FRAME.ended, ending);
  await new Promise<void>((resolve) => {
    process.stdout.end(resolve);
  });
}

/** The life line: when the input ends, the worker has gone. */
async function watchInput(input: ByteReader, onLost: () => void): Promise<void> {
  while ((await input.readSome(Number.MAX_SAFE_INTEGER)) !== null);
  onLost();
}
