import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { plainLine, plainText } from './plain-text.ts';
import { cpuMsOf } from './testing/cpu-ms.ts';

test('plainText() leaves out what a terminal would obey, and keeps the text', () => {
  const rows: [text: string, plain: string][] = [
    ['\u001b[1;31mred\u001b[0m plain', 'red plain'],
    ['\u001b]8;;http://x\u0007link\u001b]8;;\u001b\\ end', 'link end'],
    ['\u001b(Ba\u001bcb', 'ab'],
    ['10 %\r20 %\r\ndone\n', '10 %\n20 %\ndone\n'],
    ['a\u0000b\u0007c\u202ed\u2066e\tf', 'abcde\tf'],
    ['\ud800x 🎓', '\ufffdx 🎓'],
    ['\u001b[', ''],
  ];
  for (const [text, plain] of rows) assert.equal(plainText(text), plain);
});

test('plainText() gives well-formed text without control characters for any text, and twice changes nothing more', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const plain = plainText(text);
      assert.ok(plain.isWellFormed());
      assert.doesNotMatch(plain, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
      assert.equal(plainText(plain), plain);
    }),
  );
});

test('plainText() takes linear time, whatever it is given', () => {
  const texts = ['\u001b['.repeat(200_000), `\u001b[${'1'.repeat(400_000)}`, '\u001b]a'.repeat(100_000)];
  const took = cpuMsOf(() => {
    for (const text of texts) plainText(text);
  });
  assert.ok(took < 500, `${took} ms`);
});

test('plainLine() makes one line of at most so many characters', () => {
  assert.equal(plainLine(' a\n\n b\tc ', 80), 'a b c');
  assert.equal(plainLine('x'.repeat(80), 80), 'x'.repeat(80));
  assert.equal(plainLine('x'.repeat(81), 80), `${'x'.repeat(79)}…`);
});
