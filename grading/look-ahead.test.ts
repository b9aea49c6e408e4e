import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createLookAhead } from './look-ahead.ts';

/** A clock that is moved by hand. */
function stopTime(context: TestContext) {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const clock = { nowMs: 0 };
  context.mock.method(performance, 'now', () => clock.nowMs);
  return {
    clock,
    pass(ms: number): void {
      for (let passed = 0; passed < ms; passed += 10) {
        clock.nowMs += 10;
        context.mock.timers.tick(10);
      }
    },
  };
}

test('createLookAhead() looks before a find is out of date, as long as somebody asks', (context) => {
  const { clock, pass } = stopTime(context);
  const looks: [string, number][] = [];
  const ahead = createLookAhead(async (name) => {
    looks.push([name, clock.nowMs]);
    ahead.noteFound(name, 100);
  }, 150);
  ahead.noteAsked('other');
  ahead.noteFound('base', 100);
  pass(60);
  assert.deepEqual(looks, []);
  ahead.noteFound('base', 100); // by somebody else: there is one next look, not two
  pass(60);
  assert.deepEqual(looks, []);
  pass(20);
  assert.deepEqual(looks, [['base', 130]]);
  ahead.noteAsked('base');
  pass(1_000);
  assert.deepEqual(looks.slice(1), [
    ['base', 200],
    ['base', 270],
  ]);
});

test('createLookAhead() leaves what is known for ever or not at all, and ends with a look that failed', (context) => {
  const { pass } = stopTime(context);
  let looks = 0;
  const ahead = createLookAhead(async () => {
    looks += 1;
    throw new Error('the engine does not answer');
  });
  ahead.noteFound('built', Number.POSITIVE_INFINITY);
  ahead.noteFound('base', 0);
  pass(1_000);
  assert.equal(looks, 0);
  ahead.noteFound('base', 100);
  pass(1_000);
  assert.equal(looks, 1);
});
