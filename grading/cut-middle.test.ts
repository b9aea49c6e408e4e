import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cutMiddle, jsonBytes } from './cut-middle.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 400 }).map((text) => text.toWellFormed());

test('jsonBytes() is what JSON.stringify() writes between the quotes', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      assert.equal(jsonBytes(text), Buffer.byteLength(JSON.stringify(text)) - 2);
    }),
  );
});

test('cutMiddle() leaves a text alone that just fits, and cuts it one byte below', () => {
  const text = 'a'.repeat(1_000);
  assert.equal(cutMiddle(text, 1_000), text);
  const cut = cutMiddle(text, 999);
  assert.match(
    cut,
    /^a{600,}\n\[Orca: \d+ bytes were cut here, because a result may have no more than 8 MiB\] a{200,}$/,
  );
  const dropped = Number(/Orca: (\d+)/.exec(cut)?.[1]);
  assert.equal(cut.replace(/\n\[Orca.*\] /, '').length + dropped, 1_000);
});

test('cutMiddle() never goes over the limit and never splits a character', () => {
  fc.assert(
    fc.property(anyText, fc.nat({ max: 600 }), (part, limit) => {
      const text = part.repeat(4);
      const cut = cutMiddle(text, limit);
      assert.ok(jsonBytes(cut) <= limit);
      assert.ok(cut.isWellFormed());
    }),
  );
});
