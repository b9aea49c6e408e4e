import { COMMANDS, createProgram } from './program.ts';
import { UserError } from './user-error.ts';

/** Runs the command that the arguments name. */
async function main(): Promise<void> {
  try {
    await createProgram(COMMANDS, (status) => {
      process.exitCode = status;
    }).parseAsync();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

await main();
