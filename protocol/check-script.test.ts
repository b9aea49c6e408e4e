import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { checkGradingScript, unreachableCommands } from './check-script.ts';
import {
  COMMAND_BYTES_MAX,
  COMMAND_ITEMS_MAX,
  type GradingScript,
  LABEL_CHARACTERS_MAX,
  PATH_BYTES_MAX,
  SCRIPT_COMMANDS_MAX,
  SCRIPT_NESTING_MAX,
} from './grading-script.ts';
import { cpuMsOf } from './testing/cpu-ms.ts';

/** Each of these is the only thing wrong: one sentence, that begins with the path. */
function assertRefused(rows: readonly [script: unknown, sentence: string | RegExp][]): void {
  for (const [script, sentence] of rows) {
    const problems = checkGradingScript(script);
    const shown = inspect(script);
    assert.equal(problems.length, 1, `${shown} gave ${JSON.stringify(problems)}`);
    if (typeof sentence === 'string') assert.equal(problems[0], sentence, shown);
    else assert.match(problems[0] ?? '', sentence, shown);
  }
}

function assertAccepted(...scripts: unknown[]): void {
  for (const script of scripts)
    assert.deepEqual(checkGradingScript(script), [], JSON.stringify(script).slice(0, 200));
}

const condition = { predicate: 'exists', path: '$BUILD/x' };

test('checkGradingScript() names a cycle by labels, or by paths where there are none', () => {
  assertRefused([
    [[{ cmd: 'a', on_complete: 0 }], 'script[0].on_complete: makes a cycle: script[0] → script[0]'],
    [[{ cmd: 'a', label: 'x', on_fail: 'x' }], 'script[0].on_fail: makes a cycle: x → x'],
    [
      [
        { cmd: 'a', label: 'build' },
        { cmd: 'b', label: 'test', on_fail: 'build' },
      ],
      'script[1].on_fail: makes a cycle: build → test → build',
    ],
    [
      [
        { cmd: 'a', on_complete: 'output', on_fail: [{ cmd: 'b', on_complete: 'again' }] },
        { condition, label: 'again', on_true: 0 },
      ],
      'script[1].on_true: makes a cycle: script[0] → script[0].on_fail[0] → again → script[0]',
    ],
    // Closed by an edge that nobody wrote: the sentence names the command, not a field that is not there.
    [
      [
        { cmd: 'a', on_complete: 'x', on_fail: [{ cmd: 'b' }] },
        { cmd: 'c', label: 'y' },
        { cmd: 'd', label: 'x', on_fail: 'z', on_complete: [{ cmd: 'e', label: 'z', on_complete: 'y' }] },
      ],
      'script[1]: leads on by its default on_complete and makes a cycle: x → z → y → x',
    ],
    // Never reached, and a cycle all the same.
    [
      [
        { cmd: 'a', on_complete: 'output' },
        { cmd: 'b', on_complete: 1 },
      ],
      'script[1].on_complete: makes a cycle: script[1] → script[1]',
    ],
  ]);
});

test('checkGradingScript() leaves out the middle of a long cycle', () => {
  const script = Array.from({ length: 100 }, (_, index) => ({ cmd: 'a', label: `step ${index}` }));
  const [problem] = checkGradingScript([...script, { cmd: 'z', on_complete: 0 }]);
  assert.match(
    problem ?? '',
    /^script\[100\]\.on_complete: makes a cycle: step 0 → step 1 → step 2 → step 3 → … → .* → script\[100\] → step 0$/,
  );
});

test('checkGradingScript() refuses unknown and doubled labels, and those that mean something else', () => {
  assertRefused([
    [
      [
        { cmd: 'a', on_fail: [{ cmd: 'b', on_complete: 'tests' }] },
        { cmd: 'c', label: 'test' },
      ],
      'script[0].on_fail[0].on_complete: no command is labelled "tests"; did you mean "test"?',
    ],
    [[{ cmd: 'a', on_fail: 'nope' }], 'script[0].on_fail: no command is labelled "nope"'],
    [[{ cmd: 'a', on_fail: 'constructor' }], 'script[0].on_fail: no command is labelled "constructor"'],
    [
      [{ cmd: 'a', on_complete: 'nxt' }],
      'script[0].on_complete: no command is labelled "nxt"; did you mean "next"?',
    ],
    [
      [{ cmd: 'a' }, { cmd: 'b', on_fail: '0' }],
      'script[1].on_fail: no command is labelled "0"; an index has no quotes',
    ],
    [
      [{ cmd: 'a', label: 'x', on_fail: [{ cmd: 'b', label: 'x' }] }],
      'script[0].on_fail[0].label: "x" is already the label of script[0]',
    ],
    [[{ cmd: 'a', label: 'next' }], 'script[0].label: "next" has a meaning of its own and is no label'],
    [[{ cmd: 'a', label: 'output' }], /^script\[0\]\.label: /],
    [[{ cmd: 'a', label: 'abort' }], /^script\[0\]\.label: /],
    [[{ cmd: 'a', label: '12' }], 'script[0].label: must not be a number, is "12"'],
    [[{ cmd: 'a', label: '-1.5' }], /^script\[0\]\.label: must not be a number/],
    [[{ cmd: 'a', label: '__proto__' }], /^script\[0\]\.label: must be another label/],
    [[{ cmd: 'a', label: '' }], /^script\[0\]\.label: .*is empty$/],
  ]);
  assertAccepted([
    { cmd: 'a', on_fail: 'constructor' },
    { cmd: 'b', label: 'constructor' },
  ]);
});

test('checkGradingScript() refuses indices out of their own list, and edges of other types', () => {
  assertRefused([
    [
      [{ cmd: 'a', on_fail: 1 }],
      'script[0].on_fail: must be the index of a command in its own list, 0 to 0, is 1',
    ],
    [
      [{ cmd: 'a', on_fail: [{ cmd: 'b', on_complete: 1 }] }, { cmd: 'c' }],
      'script[0].on_fail[0].on_complete: must be the index of a command in its own list, 0 to 0, is 1',
    ],
    [[{ cmd: 'a', on_fail: -1 }], 'script[0].on_fail: must be an integer of at least 0, is -1'],
    [[{ cmd: 'a', on_fail: 1.5 }], /^script\[0\]\.on_fail: must be an integer of at least 0, is 1.5$/],
    [[{ cmd: 'a', on_fail: true }], /^script\[0\]\.on_fail: must be "next", "abort", an index, .*, is true$/],
    [[{ cmd: 'a', on_complete: null }], /^script\[0\]\.on_complete: must be "next", "output", .*, is null$/],
    [[{ cmd: 'a', on_complete: 9007199254740992 }], /^script\[0\]\.on_complete: /],
    [[{ cmd: 'a', on_complete: Number.POSITIVE_INFINITY }], /^script\[0\]\.on_complete: .*too large/],
  ]);
});

test('checkGradingScript() allows output for on_complete only, abort for on_fail only', () => {
  assertAccepted([{ cmd: 'a', on_complete: 'output', on_fail: 'abort' }]);
  assertRefused([
    [[{ cmd: 'a', on_fail: 'output' }], 'script[0].on_fail: "output" is possible as on_complete only'],
    [[{ cmd: 'a', on_complete: 'abort' }], 'script[0].on_complete: "abort" is possible as on_fail only'],
    [[{ condition, on_true: 'output' }], 'script[0].on_true: "output" is possible as on_complete only'],
    [[{ condition, on_false: 'abort' }], 'script[0].on_false: "abort" is possible as on_fail only'],
  ]);
});

test('checkGradingScript() refuses what is no script, no command, no cmd', () => {
  assertRefused([
    [[], 'script: must be a list of 1 to 256 commands, is empty'],
    [{}, 'script: must be a list of 1 to 256 commands, is an object'],
    [null, 'script: must be a list of 1 to 256 commands, is null'],
    ['make', /^script: must be a list of 1 to 256 commands, is the string "make"$/],
    [
      ['make'],
      'script[0]: must be a command: an object with "cmd", or one with "condition", is the string "make"',
    ],
    [[{}], /^script\[0\]: must be a command/],
    [[{ label: 'x' }], /^script\[0\]: must be a command/],
    [[{ cmd: '' }], 'script[0].cmd: must be a string of 1 to 32768 bytes, is empty'],
    [[{ cmd: [] }], 'script[0].cmd: must be a list of 1 to 256 items, is empty'],
    [[{ cmd: ['', 'x'] }], 'script[0].cmd[0]: must name a program, is empty'],
    [[{ cmd: 3 }], 'script[0].cmd: must be a command line or a list of a program and its arguments, is 3'],
    [[{ cmd: ['a', 3] }], /^script\[0\]\.cmd\[1\]: must be a string.*, is 3$/],
    [[{ cmd: 'a\0b' }], 'script[0].cmd: must not contain NUL'],
    [[{ cmd: ['a', '\0'] }], 'script[0].cmd[1]: must not contain NUL'],
    [[{ cmd: '\ud800' }], /^script\[0\]\.cmd: .*surrogate/],
    [[{ cmd: 'a', condition }], /^script\[0\]\.condition: unknown field "condition"/],
    [[{ cmd: 'a', on_true: 'next' }], /^script\[0\]\.on_true: unknown field "on_true"/],
    [[{ cmd: 'a', onfail: 'next' }], 'script[0].onfail: unknown field "onfail"; did you mean "on_fail"?'],
    [
      [{ condition: { ...condition, predicate: 'isdir' } }],
      /^script\[0\]\.condition\.predicate: must be "exists", "file" or "dir"/,
    ],
    [[{ condition: { predicate: 'file' } }], /^script\[0\]\.condition\.path: is missing/],
    [[{ condition: { ...condition, path: '' } }], /^script\[0\]\.condition\.path: .*is empty$/],
    [
      [{ cmd: 'a', keep_processes: 'yes' }],
      'script[0].keep_processes: must be true or false, is the string "yes"',
    ],
    [[{ cmd: 'a', working_dir: '' }], /^script\[0\]\.working_dir: .*is empty$/],
    [[JSON.parse('{"cmd":"a","__proto__":{"label":"x"}}')], /^script\[0\]\.__proto__: unknown field/],
  ]);
  assertAccepted([{ cmd: ['printf', ''] }], [{ cmd: 'a', on_fail: [] }]);
});

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
  const took = cpuMsOf(() => assertAccepted(script));
  // The target is 10 ms. An exponential walk of 2^128 ways would not end.
  assert.ok(took < 100, `${took} ms`);
});

test('unreachableCommands() names what no way from the first command leads to', () => {
  const script: GradingScript = [
    { cmd: 'a', on_complete: 'end', on_fail: [{ cmd: 'b', on_complete: 'output' }, { cmd: 'c' }] },
    { cmd: 'd' },
    { cmd: 'e', label: 'end' },
  ];
  assert.deepEqual(unreachableCommands(script), [
    'script[0].on_fail[1]: no other command leads here, it never runs',
    'script[1]: no other command leads here, it never runs',
  ]);
  assert.deepEqual(unreachableCommands([{ cmd: 'a' }, { cmd: 'b' }]), []);
});
