import { COMMANDS, createProgram } from './program.ts';
import { UserError } from './user-error.ts';

const HOLD_MS = 60_000;

/** Runs the command that the arguments name. */
async function main(): Promise<void> {
  // What a command waits for, such as a signal, does not always keep the process up by itself.
  const hold = setInterval(() => undefined, HOLD_MS);
  try {
    await createProgram(COMMANDS, (status) => {
      process.exitCode = status;
    }).parseAsync();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  } finally {
    clearInterval(hold);
  }
}

await main();
