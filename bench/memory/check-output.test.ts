import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkOutput } from './check-output.ts';

const note = (bytes: number): string => `\n[Orca: ${bytes} bytes were dropped here] `;

test('checkOutput() takes what is kept and what was dropped together, and refuses less and more', () => {
  const output = `${'x'.repeat(30)}${note(60)}${'x'.repeat(10)}`;
  checkOutput(output, 100);
  for (const printed of [99, 101])
    assert.throws(
      () => checkOutput(output, printed),
      /: a command was to print \d+ bytes, but 40 are in its result, which says that 60 were dropped$/,
    );
});

test('checkOutput() refuses the output of a command that printed nothing, or so little that nothing was dropped', () => {
  for (const output of ['', 'x'.repeat(100), `head: write error${note(0)}`])
    assert.throws(() => checkOutput(output, 100), /^Error: Cannot measure: a command was to print 100 bytes/);
});
