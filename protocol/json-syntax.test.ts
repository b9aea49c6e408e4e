import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findJsonError } from './json-syntax.ts';

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test('findJsonError() names line, column and mistake', () => {
  const rows: [string, number, number, RegExp][] = [
    ['', 1, 1, /the text ends/],
    ['{\n  "a": 1,\n}', 3, 1, /no comma may stand before "}"/],
    ['[1, 2,]', 1, 7, /no comma may stand before "]"/],
    ['{"a" 1}', 1, 6, /expected ":"/],
    ['{"a": 1 "b": 2}', 1, 9, /expected "," or "}"/],
    ['[1 2]', 1, 4, /expected "," or "\]"/],
    ["{'a': 1}", 1, 2, /double quotes/],
    ['{a: 1}', 1, 2, /a name in double quotes/],
    ['// x\n{}', 1, 1, /no comments/],
    ['{"a": tru}', 1, 7, /expected a value/],
    ['{"a": 01}', 1, 7, /expected a value/],
    ['"a\\x"', 1, 3, /no such escape/],
    ['{\r\n"a": "b\nc"}', 2, 8, /line break/],
    ['["é😀" x]', 1, 7, /expected ","/],
    ['["abc', 1, 2, /no closing quote/],
    ['{} {}', 1, 4, /nothing more/],
    ['[}', 1, 2, /expected a value or "]"/],
  ];
  for (const [text, line, column, message] of rows) {
    const found = findJsonError(text);
    assert.deepEqual([found?.line, found?.column], [line, column], text);
    assert.match(found?.message ?? '', message, text);
  }
});

test('findJsonError() finds nothing in JSON, and something in all that JSON.parse refuses', () => {
  fc.assert(
    fc.property(
      fc.json(),
      fc.nat(),
      fc.constantFrom('', ',', '}', ']', '"', 'x', '\\', '1', ':', '\n'),
      (json, where, put) => {
        assert.equal(findJsonError(json), null);
        const at = where % (json.length + 1);
        for (const broken of [
          json.slice(0, at) + put + json.slice(at + 1),
          json.slice(0, at) + put + json.slice(at),
        ])
          assert.equal(findJsonError(broken) === null, isJson(broken), JSON.stringify(broken));
      },
    ),
    { numRuns: 2_000 },
  );
});

test('findJsonError() walks what nests deep', () => {
  const deep = '['.repeat(200_000);
  assert.equal(findJsonError(deep)?.column, 200_001);
  assert.equal(findJsonError(deep + ']'.repeat(200_000)), null);
});
