import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command } from 'commander';
import { exitsOf, manualOf, renderExample } from './manual.ts';
import { createProgram } from './program.ts';

const TERMINAL_COLUMNS = 80;

const none = async () => 0;

/** The program, of which no command does anything. */
function idleProgram(): Command {
  const images = { listImages: none, showImage: none, buildImage: none };
  const rest = {
    up: none,
    demo: none,
    keys: none,
    doctor: none,
    audit: none,
    validate: none,
    grade: none,
    submit: none,
    simulate: none,
    trace: none,
  };
  const queue = { list: none, steer: none, bulk: none };
  const deliveries = { list: none, show: none, sendAgain: none, sendAll: none };
  return createProgram(
    { ...images, ...rest, queue, deliveries, test: none, completion: none },
    () => undefined,
  );
}

/** Every command that can be called, by what is typed for it. */
function allCommands(
  parent: Command,
  path: readonly string[] = ['orca'],
): { path: string; command: Command }[] {
  return parent.commands.flatMap((command) => {
    const own = [...path, command.name()];
    return [{ path: own.join(' '), command }, ...allCommands(command, own)];
  });
}

test('orca has these commands', () => {
  assert.deepEqual(
    allCommands(idleProgram()).map(({ path }) => path.slice('orca '.length)),
    [
      ...['up', 'demo', 'images', 'images show', 'images build', 'keys', 'doctor'],
      ...['validate', 'grade', 'submit'],
      ...['queue', 'queue list', 'queue cancel', 'queue release', 'queue delay', 'queue bulk'],
      ...['deliveries', 'deliveries list', 'deliveries show', 'deliveries send-again', 'deliveries send-all'],
      ...['simulate', 'trace', 'audit', 'test', 'completion'],
    ],
  );
});

for (const { path, command } of allCommands(idleProgram())) {
  test(`${path} has a description, examples and the meaning of its exit statuses, and shows them`, () => {
    assert.notEqual(command.description(), '');
    const manual = manualOf(command);
    assert.ok(manual !== undefined, 'it has a manual');
    const lines = manual.examples.map(renderExample);
    assert.ok(
      lines.some((line) => line.includes(path)),
      'an example calls it',
    );
    const statuses = exitsOf(manual).map(([status]) => status);
    assert.deepEqual(statuses.slice(0, 3), ['0', '1', '2']);
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
    for (const line of lines) assert.ok(help.includes(`  ${line}`), line);
    for (const [status, meaning] of exitsOf(manual))
      assert.ok(help.includes(`${status.padEnd(4)} ${meaning}`));
    const about = (manual.about ?? '').split('\n');
    assert.ok(
      about.every((line) => line.length <= TERMINAL_COLUMNS),
      'what is said of it fits a terminal',
    );
  });

  test(`${path} describes each option and argument`, () => {
    for (const option of command.options) assert.notEqual(option.description, '', option.flags);
    for (const argument of command.registeredArguments) assert.notEqual(argument.description, '');
  });
}
