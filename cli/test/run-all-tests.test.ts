import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runAllTests, type TestOutcome } from './run-all-tests.ts';

const FILES = { parts: ['a', 'b', 'c', 'd', 'e'], whole: ['y', 'z'] };

interface Played extends TestOutcome {
  /** Files and how many at once, for each run. */
  readonly runs: [readonly string[], number][];
  readonly told: string[];
}

/** Plays a run in which each file fails so many times before it passes. */
async function play(failures: Readonly<Record<string, number>>, again: boolean): Promise<Played> {
  const left = new Map(Object.entries(failures));
  const runs: Played['runs'] = [];
  const told: string[] = [];
  const outcome = await runAllTests('.', FILES, again, {
    async run({ files, concurrency }, onFile) {
      runs.push([files, concurrency]);
      for (const file of files) {
        const times = left.get(file) ?? 0;
        left.set(file, times - 1);
        const failed = times > 0 ? 1 : 0;
        const failures = failed > 0 ? [{ name: `test of ${file}`, error: new Error('no') }] : [];
        onFile({ file, durationMs: 1, passed: 1 - failed, failed, skipped: 0, failures, output: '' });
      }
    },
    onFile: ({ file, failed }) => told.push(`${file} ${failed > 0 ? 'failed' : 'passed'}`),
    onAgain: (files) => told.push(`again: ${files.join(' ')}`),
  });
  return { ...outcome, runs, told };
}

const failedIn = ({ reports }: TestOutcome): string[] =>
  reports.filter(({ failed }) => failed > 0).map(({ file }) => file);

test('runAllTests() runs parts two at a time, what starts whole systems one at a time', async () => {
  const played = await play({}, true);
  assert.deepEqual(played.runs, [
    [FILES.parts, 2],
    [FILES.whole, 1],
  ]);
  assert.deepEqual([played.reports.length, failedIn(played), played.flaky], [7, [], []]);
});

test('runAllTests() runs what failed once more, alone; what passes then is flaky, what fails again has failed', async () => {
  const played = await play({ b: 1, z: 2 }, true);
  assert.deepEqual(played.runs.at(-1), [['b', 'z'], 1]);
  assert.deepEqual(failedIn(played), ['z']);
  assert.equal(played.reports.length, 7, 'each file counts once');
  assert.deepEqual(
    played.flaky.map(({ first }) => [first.file, first.failures.map(({ name }) => name)]),
    [['b', ['test of b']]],
  );
  assert.deepEqual(played.told.slice(-3), ['again: b z', 'b passed', 'z failed']);
});

test('runAllTests() runs nothing again unless it is asked to, nor where more than four files failed', async () => {
  assert.deepEqual(failedIn(await play({ b: 1 }, false)), ['b']);
  const many = await play({ a: 1, b: 1, c: 1, d: 1, y: 1 }, true);
  assert.deepEqual([many.runs.length, failedIn(many).length, many.flaky], [2, 5, []]);
  const few = await play({ a: 1, b: 1, c: 1, d: 1 }, true);
  assert.deepEqual([few.runs.length, failedIn(few), few.flaky.length], [3, [], 4]);
});
