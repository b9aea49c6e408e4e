import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPaint, wantsColours } from './paint.ts';

test('wantsColours() says yes for a terminal only, and never under NO_COLOR or CI', () => {
  assert.equal(wantsColours({ isTTY: true }, {}), true);
  assert.equal(wantsColours({ isTTY: true }, { NO_COLOR: '' }), true);
  assert.equal(wantsColours({ isTTY: true }, { NO_COLOR: '1' }), false);
  assert.equal(wantsColours({ isTTY: true }, { CI: 'true' }), false);
  assert.equal(wantsColours({}, {}), false);
});

test('createPaint() styles a text, or leaves it as it is', () => {
  assert.equal(createPaint(true)('red', 'x'), '\u001b[31mx\u001b[39m');
  assert.equal(createPaint(false)('red', 'x'), 'x');
});
