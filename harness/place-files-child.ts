import { writeSync } from 'node:fs';
import type { SandboxPlan } from '@orca/protocol/sandbox-plan';
import { readDescriptor } from './read-descriptor.ts';
import { placeFiles } from './unpack/place-files.ts';

/** Where the plan and the files come from, and where the child says what became of them. */
const STDIN_FD = 0;
const STDOUT_FD = 1;

/** The child's part: reads the plan and the files from stdin, and says on stdout what became of them. */
export async function runPlacingChild(): Promise<void> {
  const input = readDescriptor(STDIN_FD);
  const { length } = input.readFrameHeader();
  const plan: SandboxPlan = JSON.parse(input.readExactly(length).toString());
  const placement = await placeFiles(plan, input);
  writeSync(STDOUT_FD, JSON.stringify(placement));
  // The first command waits for its end, and an orderly exit of Node takes some milliseconds.
  process.kill(process.pid, 'SIGKILL');
}
