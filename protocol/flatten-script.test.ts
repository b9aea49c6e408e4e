import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkGradingScript } from './check-script.ts';
import { type FlatStep, flattenScript } from './flatten-script.ts';
import type { Edge, GradingScript, ScriptCommand } from './grading-script.ts';
import { arbitraryScript } from './testing/arbitrary-script.ts';

/** What ran, by the command's own text, and how it ended. */
interface Walk {
  ran: string[];
  ending: 'output' | 'abort' | 'endless';
}

/** Far more than any acyclic script of `SCRIPT_COMMANDS_MAX` commands can run. */
const STEPS_MAX = 1000;

interface Frame {
  list: GradingScript;
  index: number;
}

function findLabel(list: GradingScript, label: string, around: Frame[]): Frame[] | null {
  for (const [index, command] of list.entries()) {
    const way = [...around, { list, index }];
    if (command.label === label) return way;
    const edges =
      'cmd' in command ? [command.on_complete, command.on_fail] : [command.on_true, command.on_false];
    for (const edge of edges) {
      const found = typeof edge === 'object' ? findLabel(edge, label, way) : null;
      if (found) return found;
    }
  }
  return null;
}

/** The interpreter of the nested form, by the text of the rules: a stack of lists, and a place in each. */
function walkNested(script: GradingScript, succeeds: (step: number) => boolean): Walk {
  const ran: string[] = [];
  let frames: Frame[] = [{ list: script, index: 0 }];
  while (ran.length < STEPS_MAX) {
    const top = frames.at(-1);
    const command: ScriptCommand | undefined = top?.list[top.index];
    assert.ok(top && command);
    const isSuccess = succeeds(ran.length);
    ran.push('cmd' in command ? String(command.cmd) : command.condition.path);
    let edge: Edge;
    if ('cmd' in command) edge = isSuccess ? (command.on_complete ?? 'next') : (command.on_fail ?? 'abort');
    else edge = (isSuccess ? command.on_true : command.on_false) ?? 'next';

    if (edge === 'output' || edge === 'abort') return { ran, ending: edge };
    if (typeof edge === 'number') top.index = edge;
    else if (typeof edge === 'object' && edge.length > 0) frames.push({ list: edge, index: 0 });
    else if (edge === 'next' || typeof edge === 'object') {
      // At the end of a sub-script, the command after the parent; at the very end, the script ends.
      let frame = frames.at(-1);
      while (frame && ++frame.index >= frame.list.length) {
        frames.pop();
        frame = frames.at(-1);
      }
      if (!frame) return { ran, ending: 'cmd' in command && isSuccess ? 'output' : 'abort' };
    } else frames = findLabel(script, edge, []) ?? assert.fail(`no label ${edge}`);
  }
  return { ran, ending: 'endless' };
}

function walkFlat(script: GradingScript, succeeds: (step: number) => boolean): Walk {
  const steps = flattenScript(script);
  const ran: string[] = [];
  let target: number | 'output' | 'abort' = 0;
  while (typeof target === 'number' && ran.length < STEPS_MAX) {
    const step: FlatStep | undefined = steps[target];
    assert.ok(step);
    const isSuccess = succeeds(ran.length);
    if (step.kind === 'shell') {
      ran.push(String(step.cmd));
      target = isSuccess ? step.onSuccess : step.onFailure;
    } else {
      ran.push(step.operand);
      target = isSuccess ? step.onTrue : step.onFalse;
    }
  }
  return { ran, ending: typeof target === 'string' ? target : 'endless' };
}

test('flattenScript() takes the same path as the nested form, and each accepted script ends: 10,000 scripts', () => {
  let jumps = 0;
  fc.assert(
    fc.property(arbitraryScript, fc.infiniteStream(fc.boolean()), (script, outcomes) => {
      fc.pre(checkGradingScript(script).length === 0);
      const drawn: boolean[] = [];
      const succeeds = (step: number): boolean => {
        while (drawn.length <= step) drawn.push(outcomes.next().value);
        return drawn[step] ?? false;
      };
      const nested = walkNested(structuredClone(script), succeeds);
      assert.deepEqual(walkFlat(script, succeeds), nested);
      assert.notEqual(nested.ending, 'endless');
      jumps += nested.ran.length - 1;
    }),
    { numRuns: 10_000 },
  );
  // The property would hold for scripts of one command too: these do go somewhere.
  assert.ok(jumps > 10_000, `${jumps} edges were followed`);
});

const fields = { workingDir: null, timeoutSeconds: 60, keepProcesses: false };

test('flattenScript() carries every field over, and its defaults', () => {
  const script: GradingScript = [
    { cmd: ['make'], working_dir: '$BUILD', timeout: 2.5, keep_processes: true, on_complete: 'next' },
    { condition: { predicate: 'dir', path: 'x' }, on_true: 0 },
    { cmd: 'test' },
  ];
  // Flattening does not look for cycles; that is checkGradingScript's.
  assert.deepEqual(flattenScript(script), [
    {
      kind: 'shell',
      path: 'script[0]',
      cmd: ['make'],
      workingDir: '$BUILD',
      timeoutSeconds: 2.5,
      keepProcesses: true,
      onSuccess: 1,
      onFailure: 'abort',
    },
    { kind: 'condition', path: 'script[1]', predicate: 'dir', operand: 'x', onTrue: 0, onFalse: 2 },
    { kind: 'shell', path: 'script[2]', cmd: 'test', ...fields, onSuccess: 'output', onFailure: 'abort' },
  ]);
});

/** The two edges of each step, for rows that are about nothing else. */
function edges(script: GradingScript): unknown[] {
  return flattenScript(script).map((step) =>
    step.kind === 'shell'
      ? [step.path, step.onSuccess, step.onFailure]
      : [step.path, step.onTrue, step.onFalse],
  );
}

test('flattenScript() ends as by output after a success, as by abort after a failure or from a conditional', () => {
  const condition = { predicate: 'file' as const, path: 'x' };
  assert.deepEqual(edges([{ cmd: 'a', on_fail: 'next' }]), [['script[0]', 'output', 'abort']]);
  assert.deepEqual(edges([{ cmd: 'a', on_complete: [], on_fail: [] }]), [['script[0]', 'output', 'abort']]);
  assert.deepEqual(edges([{ condition }]), [['script[0]', 'abort', 'abort']]);
  assert.deepEqual(edges([{ cmd: 'a', on_complete: [{ condition }] }]), [
    ['script[0]', 1, 'abort'],
    ['script[0].on_complete[0]', 'abort', 'abort'],
  ]);
});

test('flattenScript() reads a number in the list in which the command stands, a label anywhere', () => {
  const script: GradingScript = [
    { cmd: 'a', on_fail: [{ cmd: 'b', on_complete: 1, on_fail: 'end' }, { cmd: 'c' }] },
    { cmd: 'd', on_complete: 2 },
    { cmd: 'e', label: 'end' },
  ];
  assert.deepEqual(edges(script), [
    ['script[0]', 3, 1],
    ['script[0].on_fail[0]', 2, 4],
    ['script[0].on_fail[1]', 3, 'abort'],
    ['script[1]', 4, 'abort'],
    ['script[2]', 'output', 'abort'],
  ]);
});

test('flattenScript() gives the same for either order of JSON members', () => {
  const one = '[{"cmd":"a","on_complete":"next","on_fail":[{"cmd":"b"}]},{"cmd":"c"}]';
  const other = '[{"on_fail":[{"cmd":"b"}],"on_complete":"next","cmd":"a"},{"cmd":"c"}]';
  assert.deepEqual(flattenScript(JSON.parse(one)), flattenScript(JSON.parse(other)));
  assert.deepEqual(edges(JSON.parse(one)), [
    ['script[0]', 2, 1],
    ['script[0].on_fail[0]', 2, 'abort'],
    ['script[1]', 'output', 'abort'],
  ]);
});

test('flattenScript() throws for an edge that leads nowhere', () => {
  assert.throws(() => flattenScript([{ cmd: 'a', on_fail: 'nope' }]), {
    name: 'TypeError',
    message: 'Cannot flatten "script[0].on_fail": it leads nowhere',
  });
});
