import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTapDetails, WEIGHT_MAX, YAML_CHARACTERS_MAX } from './tap-details.ts';

/** What was understood, without what was not said. */
function detailsOf(yaml: string): unknown {
  return JSON.parse(JSON.stringify(readTapDetails(yaml)));
}

test('readTapDetails() reads the fields of Bottlenose: a failed test', () => {
  const yaml =
    'weight: 2.5\nheader: "adds (TestMath)"\nmessage: "expected 3\\n but was 4"\nstack:\n  - "at a"\n  - "at b"';
  assert.deepEqual(detailsOf(yaml), {
    weight: 2.5,
    message: 'expected 3\n but was 4',
    output: 'adds (TestMath)\nat a\nat b',
    suppressed: false,
  });
});

test('readTapDetails() reads the fields of Bottlenose: a style finding', () => {
  const yaml =
    'message: Tab\nfilename: src/A.java\nline: 12\ncategory: Whitespace\nseverity: Warning\nsuppressed: true';
  assert.deepEqual(detailsOf(yaml), {
    message: 'Tab',
    file: 'src/A.java',
    line: 12,
    category: 'Whitespace',
    severity: 'Warning',
    suppressed: true,
  });
});

test('readTapDetails() reads the fields of other producers', () => {
  const yaml = 'duration_ms: 1.25\nerror: boom\nexpected: [1, 2]\nactual: x\nstack: |-\n  one\n  two\n';
  assert.deepEqual(detailsOf(yaml), {
    message: 'boom',
    output: 'one\ntwo\nexpected: [1,2]\nactual: x',
    durationMs: 1.25,
    suppressed: false,
  });
});

test('readTapDetails() takes for a weight what is a finite number of at least 0, and no more than the limit', () => {
  assert.deepEqual(detailsOf(`weight: ${WEIGHT_MAX}`), { weight: WEIGHT_MAX, suppressed: false });
  assert.deepEqual(detailsOf('weight: 0'), { weight: 0, suppressed: false });
  for (const weight of [WEIGHT_MAX + 1, -1, '"2"', '.inf', '.nan', '[1]', 'true', '~']) {
    assert.deepEqual(detailsOf(`weight: ${weight}`), { suppressed: false }, String(weight));
  }
});

test('readTapDetails() is null for what is no mapping, no YAML, or uses aliases', () => {
  for (const yaml of [
    'a: [',
    'just text',
    '- a',
    '',
    '{',
    'a: &x 1\nb: *x',
    '"',
    '\t\tx: y: z',
    '--- a\n--- b',
  ]) {
    const details = readTapDetails(yaml);
    assert.ok(
      details === null || Object.values(details).every((value) => !value),
      JSON.stringify([yaml, details]),
    );
  }
  assert.equal(readTapDetails('a: &x 1\nb: *x'), null);
  assert.equal(readTapDetails('a: ['), null);
  assert.equal(readTapDetails('just text'), null);
});

test('readTapDetails() reads blocks up to the limit, and none past it', () => {
  const block = (length: number): string => `message: "${'x'.repeat(length - 'message: ""'.length)}"`;
  assert.notEqual(readTapDetails(block(YAML_CHARACTERS_MAX)), null);
  assert.equal(readTapDetails(block(YAML_CHARACTERS_MAX + 1)), null);
});

test('readTapDetails() changes no prototype, and reads no member of one', () => {
  assert.deepEqual(detailsOf('__proto__:\n  weight: 9\nconstructor: {prototype: {weight: 9}}'), {
    suppressed: false,
  });
  assert.equal(Reflect.get({}, 'weight'), undefined);
});
