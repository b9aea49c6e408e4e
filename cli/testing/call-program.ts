import type { Command } from 'commander';
import { type Commands, createProgram } from '../program.ts';

/** Calls `orca` with arguments; returns what the command got, and the exit status that it gave. */
export async function call(...args: string[]): Promise<{ calls: unknown[]; status: number | undefined }> {
  const calls: unknown[] = [];
  let status: number | undefined;
  const commands: Commands = {
    up: async (options) => calls.push('up', options),
    demo: async (examples, options) => calls.push('demo', examples, options),
    listImages: async (options) => calls.push('list', options),
    showImage: async (sha, options) => calls.push('show', sha, options),
    buildImage: async (path, options) => calls.push('build', path, options),
    keys: async (args, options) => calls.push('keys', args, options),
    test: async (options) => calls.push('test', options),
    completion: async (shell) => calls.push('completion', shell),
    doctor: async (options) => calls.push('doctor', options),
    audit: async (options) => calls.push('audit', options),
    simulate: async (file, options) => calls.push('simulate', file, options),
    validate: async (file, options) => calls.push('validate', file, options),
    grade: async (file, options) => calls.push('grade', file, options),
    submit: async (file, options) => calls.push('submit', file, options),
    trace: async (id, options) => calls.push('trace', id, options),
    queue: {
      list: async (options) => calls.push('queue', options),
      steer: async (action, id, options) => calls.push(action, id, options),
      bulk: async (action, options) => calls.push('bulk', action, options),
    },
    deliveries: {
      list: async (options) => calls.push('deliveries', options),
      show: async (id, options) => calls.push('show', id, options),
      sendAgain: async (id, options) => calls.push('send-again', id, options),
      sendAll: async (host, options) => calls.push('send-all', host, options),
    },
  };
  const program = quiet(
    createProgram(commands, (given) => {
      status = given;
    }),
  );
  await program.parseAsync(args, { from: 'user' });
  return { calls, status };
}

/** Throws where the real one ends the process, and prints nothing. */
function quiet(program: Command): Command {
  for (const command of [program, ...program.commands.flatMap((one) => [one, ...one.commands])])
    command.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  return program;
}
