import { endWithOutput } from '@orca/daemon/end-with-output';
import { CommanderError } from 'commander';
import { COMMANDS, createProgram } from './program.ts';
import { USAGE_STATUS, UserError } from './user-error.ts';

const HOLD_MS = 60_000;

/** Runs the command that the arguments name. */
async function main(): Promise<void> {
  endWithOutput();
  // What a command waits for, such as a signal, does not always keep the process up by itself.
  const hold = setInterval(() => undefined, HOLD_MS);
  try {
    await createProgram(COMMANDS, (status) => {
      process.exitCode = status;
    }).parseAsync();
  } catch (error) {
    // It has printed its own sentence; help and the version end the same way, with status 0.
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : USAGE_STATUS;
    else if (error instanceof UserError) {
      process.stderr.write(`${error.message}\n`);
      process.exitCode = error.status;
    } else throw error;
  } finally {
    clearInterval(hold);
  }
}

await main();
