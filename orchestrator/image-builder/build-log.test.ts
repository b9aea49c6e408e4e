import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BuildLog, createBuildLog, LOG_BYTES_MAX } from './build-log.ts';

/** Takes what is new, as if it had been stored. */
function store(log: BuildLog) {
  const { pieces, markStored } = log.takeNew();
  markStored();
  return pieces;
}

test('a build log tells what is new, and all of it by steps', () => {
  const log = createBuildLog();
  log.begin('Step 1/2 : FROM orca-grader-base');
  log.begin('Step 2/2 : RUN make');
  log.print('cc a.c\n');
  assert.deepEqual(store(log), [
    { step: 'Step 1/2 : FROM orca-grader-base', output: '' },
    { step: 'Step 2/2 : RUN make', output: 'cc a.c\n' },
  ]);
  log.print('cc b.c\n');
  log.print('cc c.c\n');
  assert.deepEqual(store(log), [{ step: 'Step 2/2 : RUN make', output: 'cc b.c\ncc c.c\n' }]);
  assert.deepEqual(store(log), []);
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
    store(log)
      .map(({ output }) => output)
      .join(''),
    held,
  );
});

test('a build log is bounded however many steps a command pretends to, of whatever length', () => {
  const log = createBuildLog();
  for (let step = 0; step < 100_000; step += 1) log.begin(`Step 1/2 : ${step}`);
  const { length } = log.steps();
  assert.ok(length > 1_000 && length < 10_000, `${length} are held`);
  assert.equal(log.steps().at(-1)?.step, 'Step 1/2 : 99999');
  for (let step = 0; step < 5_000; step += 1) log.begin(`Step ${step}/2 : ${'ä'.repeat(20_000)}`);
  const held = Buffer.byteLength(JSON.stringify(log.steps()));
  assert.ok(held > LOG_BYTES_MAX / 2 && held <= LOG_BYTES_MAX, `${held} bytes are held`);
  assert.equal(log.step.length, 1_000);
});

test('takeNew() gives again what was not stored, and what came meanwhile on its own', () => {
  const log = createBuildLog();
  log.begin('RUN make');
  log.print('one\n');
  log.takeNew();
  log.print('two\n');
  const { pieces, markStored } = log.takeNew();
  log.print('three\n');
  assert.equal(pieces.map(({ output }) => output).join(''), 'one\ntwo\n');
  markStored();
  assert.deepEqual(store(log), [{ step: 'RUN make', output: 'three\n' }]);
  assert.deepEqual(log.takeNew().pieces, []);
});
