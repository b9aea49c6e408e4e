import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readScoredFields, readTapDetails, WEIGHT_MAX, YAML_CHARACTERS_MAX } from './tap-details.ts';
import { cpuMsOf } from './testing/cpu-ms.ts';

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

test('readTapDetails() counts the brackets that open something, and not those in quotes', () => {
  const text = '[{'.repeat(500);
  for (const quoted of [`"${text}"`, `'${text}'`, `"\\"${text}"`, `it's ${text}`, `|-\n  ${text}`]) {
    const details = readTapDetails(`weight: 3\nmessage: ${quoted}`);
    assert.equal(details?.weight, 3, quoted.slice(0, 9));
  }
  for (const opened of [`[${'"x", ['.repeat(300)}`, `[${'{a: '.repeat(300)}`, `[ ", ${text} ]\nb: "`])
    assert.equal(readTapDetails(`weight: 3\nmessage: ${opened}`), null, opened.slice(0, 9));
});

test('readScoredFields() finds what points depend on in a block that cannot be read, in linear time', () => {
  for (const [yaml, weight, suppressed] of [
    ['weight: 10', 10, false],
    ['a: [\nweight: 2.5 # points\nsuppressed: true', 2.5, true],
    ['"weight": 1e1\n"suppressed": "true"', 10, true],
    ['message: |\n  weight: 3\nweight: 4\nweight: 5', 4, false],
    ['weight: ten\nsuppressed: false', undefined, false],
    [`weight: ${WEIGHT_MAX + 1}`, undefined, false],
    [`weight: ${'1'.repeat(1_000_000)}`, undefined, false],
    [`weight:${' '.repeat(1_000_000)}x`, undefined, false],
    ['weight:\n'.repeat(200_000), undefined, false],
  ] as const) {
    const took = cpuMsOf(() => {
      const fields = readScoredFields(yaml);
      assert.deepEqual([fields.weight, fields.suppressed], [weight, suppressed], yaml.slice(0, 40));
    });
    assert.ok(took < 2_000, `${yaml.slice(0, 20)} took ${took} ms`);
  }
});
