import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkGradingScript, unreachableCommands } from './check-script.ts';
import type { GradingScript } from './grading-script.ts';
import { assertAccepted, assertRefused } from './testing/refuse-script.ts';

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
