import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBuildLog } from './build-log.ts';

test('a build log tells what is new, and all of it by steps', () => {
  const log = createBuildLog();
  log.begin('Step 1/2 : FROM orca-grader-base');
  log.begin('Step 2/2 : RUN make');
  log.print('cc a.c\n');
  assert.deepEqual(log.takeNew(), [
    { step: 'Step 1/2 : FROM orca-grader-base', output: '' },
    { step: 'Step 2/2 : RUN make', output: 'cc a.c\n' },
  ]);
  log.print('cc b.c\n');
  log.print('cc c.c\n');
  assert.deepEqual(log.takeNew(), [{ step: 'Step 2/2 : RUN make', output: 'cc b.c\ncc c.c\n' }]);
  assert.deepEqual(log.takeNew(), []);
  assert.equal(log.step, 'Step 2/2 : RUN make');
  assert.deepEqual(log.steps(), [
    { step: 'Step 1/2 : FROM orca-grader-base', output: '' },
    { step: 'Step 2/2 : RUN make', output: 'cc a.c\ncc b.c\ncc c.c\n' },
  ]);
});

test('a build log holds the last of a flood, in pieces of one long line too', () => {
  const bytesMax = 100_000;
  const log = createBuildLog(bytesMax);
  log.begin('RUN yes');
  for (let line = 0; line < 20_000; line += 1) log.print(`line ${line}\n`);
  log.print(`${'x'.repeat(40_000)}end`);
  const kept = log.steps().map(({ output }) => output);
  const held = kept.join('');
  assert.ok(held.length <= bytesMax && held.length > bytesMax - 10_000, `${held.length} are held`);
  assert.match(held, /line 19999\nx+end$/);
  assert.doesNotMatch(held, /line 10\n/);
  assert.equal(
    log
      .takeNew()
      .map(({ output }) => output)
      .join(''),
    held,
  );
});
