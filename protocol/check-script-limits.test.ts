import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkGradingScript } from './check-script.ts';
import {
  COMMAND_BYTES_MAX,
  COMMAND_ITEMS_MAX,
  LABEL_CHARACTERS_MAX,
  PATH_BYTES_MAX,
  SCRIPT_COMMANDS_MAX,
  SCRIPT_NESTING_MAX,
} from './grading-script.ts';
import { cpuMsOf } from './testing/cpu-ms.ts';
import { assertAccepted, assertRefused } from './testing/refuse-script.ts';

const condition = { predicate: 'exists', path: '$BUILD/x' };

test('checkGradingScript() takes any timeout above 0 that JSON can hold exactly', () => {
  assertAccepted([{ cmd: 'a', timeout: 0.5 }], [{ cmd: 'a', timeout: 1e9 }], [{ cmd: 'a' }]);
  for (const timeout of [0, -1, '60', true, null, 9007199254740992, Number.POSITIVE_INFINITY]) {
    assertRefused([[[{ cmd: 'a', timeout }], /^script\[0\]\.timeout: must be a finite number above 0, is /]]);
  }
});

test('checkGradingScript() holds each limit at the limit and one past it', () => {
  const commands = (count: number): unknown => Array.from({ length: count }, () => ({ cmd: 'a' }));
  const label = (length: number): unknown => [{ cmd: 'a', label: '🦭'.repeat(length) }];
  const nested = (depth: number): unknown => {
    let script: unknown = [{ cmd: 'a' }];
    for (let level = 0; level < depth; level++) script = [{ cmd: 'a', on_fail: script }];
    return script;
  };
  const path = (length: number): unknown => [{ cmd: 'a', working_dir: 'x'.repeat(length) }];
  assertAccepted(
    commands(SCRIPT_COMMANDS_MAX),
    [{ cmd: 'a', on_fail: commands(SCRIPT_COMMANDS_MAX - 1) }],
    nested(SCRIPT_NESTING_MAX),
    label(LABEL_CHARACTERS_MAX),
    path(PATH_BYTES_MAX),
    [{ cmd: 'ü'.repeat(COMMAND_BYTES_MAX / 2) }],
    [{ cmd: new Array(COMMAND_ITEMS_MAX).fill('x') }],
  );
  assertRefused([
    [
      commands(SCRIPT_COMMANDS_MAX + 1),
      'script: must have at most 256 commands in all, sub-scripts included',
    ],
    [
      [{ cmd: 'a', on_fail: commands(SCRIPT_COMMANDS_MAX) }],
      /^script: must have at most 256 commands in all/,
    ],
    [nested(SCRIPT_NESTING_MAX + 1), 'script: script nests deeper than 16'],
    [nested(100_000), 'script: script nests deeper than 16'],
    [
      label(LABEL_CHARACTERS_MAX + 1),
      /^script\[0\]\.label: must be a string of 1 to 64 characters, is 65 characters$/,
    ],
    [path(PATH_BYTES_MAX + 1), /^script\[0\]\.working_dir: .* is 4097 bytes$/],
    [[{ cmd: `${'ü'.repeat(COMMAND_BYTES_MAX / 2)}x` }], /^script\[0\]\.cmd: .* is 32769 bytes$/],
    [[{ cmd: new Array(COMMAND_ITEMS_MAX + 1).fill('x') }], /^script\[0\]\.cmd: .*, has 257$/],
  ]);
});

test('checkGradingScript() tells ten problems at most, all that are of one kind at once', () => {
  const wrong = Array.from({ length: 30 }, () => ({ cmd: 7 }));
  assert.equal(checkGradingScript(wrong).length, 10);
  assert.deepEqual(
    checkGradingScript([{ cmd: 7 }, { cmd: 'a', on_fail: 'nope', timeout: 'x' }], 'body.script'),
    [
      'body.script[0].cmd: must be a command line or a list of a program and its arguments, is 7',
      'body.script[1].timeout: must be a finite number above 0, is the string "x"',
    ],
  );
});

test('checkGradingScript() takes time linear in a chain of diamonds, however many ways lead through it', () => {
  const script: unknown[] = [];
  for (let index = 0; index + 1 < SCRIPT_COMMANDS_MAX; index += 2) {
    script.push({ cmd: 'a', on_complete: index + 1, on_fail: Math.min(index + 2, SCRIPT_COMMANDS_MAX - 1) });
    script.push({ condition, on_true: 'next', on_false: 'next' });
  }
  const took = cpuMsOf(() => assertAccepted(script), 3);
  // The target is 10 ms. An exponential walk of 2^128 ways would not end.
  assert.ok(took < 100, `${took} ms`);
});

for (const length of [32, LABEL_CHARACTERS_MAX])
  test(`checkGradingScript() finds quickly that no label is meant, of ${length} characters each`, () => {
    // As near to each other as can be, so that as much as possible is compared.
    const label = (index: number): string => `${index}`.padStart(length, 'a');
    const script = Array.from({ length: SCRIPT_COMMANDS_MAX }, (_, index) => ({
      ...{ cmd: 'a', label: label(index) },
      ...(index < 10 && { on_fail: `bcd${label(9_000 + index).slice(3)}` }),
    }));
    const took = cpuMsOf(() => assert.equal(checkGradingScript(script).length, 10), 3);
    assert.ok(took < 100, `${took} ms`);
  });
