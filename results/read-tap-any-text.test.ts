import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  MESSAGE_CHARACTERS_MAX,
  MISSING_TESTS_LISTED_MAX,
  NAME_CHARACTERS_MAX,
  OUTPUT_CHARACTERS_MAX,
  readTap,
} from './read-tap.ts';
import { YAML_CHARACTERS_MAX } from './tap-details.ts';
import { TAP_TESTS_MAX } from './tap-document.ts';
import { cpuMsOf } from './testing/cpu-ms.ts';
import { read } from './testing/read-lines.ts';

test('readTap() bounds tests, missing tests and texts', () => {
  const many = read(
    '1..100001',
    ...Array.from({ length: TAP_TESTS_MAX + 1 }, (_, index) => `ok ${index + 1}`),
  );
  assert.equal(many.tests.length, TAP_TESTS_MAX + 1);
  assert.match(many.problems.join(), /1 tests after the first 100000 were left out/);
  const planned = read('1..999999999', 'ok 1');
  assert.equal(planned.tests.length, 1 + MISSING_TESTS_LISTED_MAX);
  assert.deepEqual(planned.score, { earned: 1, available: 999_999_999 });
  const long = 'x'.repeat(20_000);
  const yaml = `{"message":"${long}","stack":"${'y'.repeat(10_000)}"}`;
  const [first] = read('1..1', `not ok 1 ${long}`, '  ---', `  ${yaml}`, '  ...').tests;
  assert.equal(first?.name.length, NAME_CHARACTERS_MAX);
  assert.equal(first?.message?.length, MESSAGE_CHARACTERS_MAX);
  assert.equal(first?.output?.length, 10_000);
  assert.ok(OUTPUT_CHARACTERS_MAX >= 10_000);
});

/** Lines of TAP and near it, in any order and indent. */
const tapLine = fc
  .tuple(
    fc.constantFrom('', '', '', '  ', '    ', '      ', '\t'),
    fc.oneof(
      fc.constantFrom(
        '---',
        '...',
        '',
        'Bail out!',
        'TAP version 14',
        'TAP version 13',
        'weight: 2',
        'weight: 1e308',
        'a: &x [*x]',
        '# TOTAL POINTS: 5',
        '# Subtest: x',
        '\0',
      ),
      fc.nat(12).map((count) => `1..${count}`),
      fc
        .tuple(
          fc.constantFrom('ok', 'not ok'),
          fc.nat(12),
          fc.string({ maxLength: 20 }),
          fc.constantFrom('', ' # SKIP', ' # TODO x'),
        )
        .map(([word, number, name, directive]) => `${word} ${number} ${name}${directive}`),
      fc.string({ unit: 'binary', maxLength: 30 }),
    ),
  )
  .map(([indent, line]) => indent + line);

test('readTap() never throws, and its records and points always add up', () => {
  let reports = 0;
  fc.assert(
    fc.property(fc.array(tapLine, { maxLength: 40 }), (lines) => {
      const report = readTap(lines.join('\n'));
      if (report === null) return;
      reports++;
      const { tests, score } = report;
      for (const { score: earned = 0, max_score: most = 0 } of tests)
        assert.ok(0 <= earned && earned <= most);
      if (score)
        assert.ok(0 <= score.earned && score.earned <= score.available && Number.isFinite(score.available));
      assert.deepEqual(JSON.parse(JSON.stringify(report)), report);
    }),
    { numRuns: 3000 },
  );
  assert.ok(reports > 1000, `${reports} of 3000 were TAP`);
});

test('readTap() never throws on arbitrary text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      readTap(text);
      readTap(`TAP version 13\nok 1\n  ---\n  ${text}\n  ...\n`);
    }),
    { numRuns: 1000 },
  );
});

test('readTap() takes bounded time for a mebibyte of what is hard to read', () => {
  const hard = ['"', '&a ', '- ', '? ', 'a:\n  ', '[ '];
  for (const piece of hard) {
    const block = `  ---\n  ${piece.repeat(10_000)}\n  ...\n`;
    const text = Array.from(
      { length: Math.ceil(1e6 / block.length) },
      (_, index) => `ok ${index + 1}\n${block}`,
    );
    const took = cpuMsOf(() => assert.notEqual(readTap(text.join('')), null));
    assert.ok(took < 15_000, `${piece} took ${took} ms`);
  }
});

test('readTap() keeps the weights of blocks that are too much to read, and those of all tests after them', () => {
  const blockOf = (message: string): string[] => ['  ---', '  weight: 10', `  message: ${message}`, '  ...'];
  const tooMuch = [`"${'x'.repeat(YAML_CHARACTERS_MAX)}"`, '['.repeat(300), `"${'['.repeat(300)}"`];
  for (const message of tooMuch) {
    const lines = Array.from({ length: 30 }, (_, index) => [
      `${index < 20 ? 'not ok' : 'ok'} ${index + 1}`,
      ...blockOf(index < 20 ? message : 'fine'),
    ]);
    const { score, tests } = read('TAP version 13', '1..30', ...lines.flat());
    assert.deepEqual(score, { earned: 100, available: 300 }, message.slice(0, 9));
    assert.equal(tests.at(-1)?.message, 'fine', 'too much to read is no reason to read no more');
  }
});

test('readTap() takes nothing from a block with errors, as clients do, and the weights of all others', () => {
  const lines = Array.from({ length: 30 }, (_, index) => [
    `not ok ${index + 1}`,
    ...['  ---', '  weight: 10', `  message: ${index < 5 ? '"no end' : 'fine'}`, '  ...'],
  ]);
  const { score } = read('TAP version 13', '1..30', ...lines.flat());
  assert.deepEqual(score, { earned: 0, available: 5 * 1 + 25 * 10 });
});

test('readTap() takes TOTAL POINTS at the beginning of a comment only', () => {
  const report = read('1..1', '# printed: "TOTAL POINTS: 999"', '# TOTAL POINTS: 4', 'ok 1');
  assert.deepEqual(report.score, { earned: 4, available: 4 });
});
