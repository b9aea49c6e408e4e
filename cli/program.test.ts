import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import type { Command } from 'commander';
import { type Commands, createProgram } from './program.ts';
import { REPOSITORY } from './repository.ts';

/** Calls `orca` with arguments; returns what the command got, and the exit status that it gave. */
async function call(...args: string[]): Promise<{ calls: unknown[]; status: number | undefined }> {
  const calls: unknown[] = [];
  let status: number | undefined;
  const commands: Commands = {
    up: async (options) => calls.push('up', options),
    demo: async (examples, options) => calls.push('demo', examples, options),
    test: async (options) => calls.push('test', options),
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
  for (const command of [program, ...program.commands])
    command.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  return program;
}

test('orca up has a port, a folder and one worker unless it is told otherwise', async () => {
  const { calls } = await call('up');
  assert.deepEqual(calls, ['up', { port: 4000, data: REPOSITORY.defaultData, workers: 1, concurrency: 1 }]);
});

test('orca up takes every option, a folder as a path from here', async () => {
  const { calls } = await call(
    'up',
    ...['--port', '0', '--data', 'here', '--workers', '2', '--concurrency', '3'],
  );
  assert.deepEqual(calls, ['up', { port: 0, data: resolve('here'), workers: 2, concurrency: 3 }]);
});

test('orca demo takes examples by name, and --keep', async () => {
  const data = REPOSITORY.defaultData;
  assert.deepEqual((await call('demo')).calls, ['demo', [], { keep: false, data }]);
  assert.deepEqual((await call('demo', 'a', 'b', '--keep')).calls, [
    'demo',
    ['a', 'b'],
    { keep: true, data },
  ]);
});

test('orca test takes --all, and the status of a command is that of the program', async () => {
  assert.deepEqual((await call('test')).calls, ['test', { all: false }]);
  const { calls, status } = await call('test', '--all');
  assert.deepEqual(calls, ['test', { all: true }]);
  assert.equal(status, 2);
});

for (const args of [
  ['frob'],
  ['up', '--port', '65536'],
  ['up', '--workers', '0'],
  ['up', 'extra'],
  ['test', '-x'],
])
  test(`orca ${args.join(' ')} is refused`, async () => {
    await assert.rejects(call(...args), { exitCode: 1 });
  });

test('every command shows examples in its help', () => {
  const program = createProgram(
    { up: async () => 0, demo: async () => 0, test: async () => 0 },
    () => undefined,
  );
  assert.deepEqual(
    program.commands.map((command) => command.name()),
    ['up', 'demo', 'test'],
  );
  for (const command of program.commands) {
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text) });
    command.outputHelp();
    assert.match(help, new RegExp(`Examples:\n  orca ${command.name()}\n`));
  }
});
