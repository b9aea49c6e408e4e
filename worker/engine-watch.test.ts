import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createLogger } from '@orca/daemon';
import { EngineError } from '@orca/docker';
import { watchEngine } from './engine-watch.ts';
import { waitFor } from './testing/wait-for.ts';

/** An engine that answers or does not, watched, with what the log says of it. */
function watchFake(t: TestContext): {
  setAnswering(answers: boolean): void;
  lines: string[];
  watch: ReturnType<typeof watchEngine>;
} {
  let answers = true;
  const lines: string[] = [];
  const log = createLogger(
    { name: 'test', level: 'info', pretty: false },
    { write: (line) => lines.push(line) },
  );
  const stop = new AbortController();
  const probe = async (): Promise<void> => {
    if (!answers)
      throw new EngineError('engine_unreachable', 'Cannot connect to the engine: nobody is there');
  };
  t.after(() => stop.abort());
  const watch = watchEngine(probe, { log }, stop.signal);
  const setAnswering = (now: boolean): void => {
    answers = now;
  };
  return { setAnswering, lines, watch };
}

test('watchEngine() takes a report that the engine does not answer at once, says so once, and recovers by itself', async (t) => {
  const { setAnswering, lines, watch } = watchFake(t);
  setAnswering(false);
  const cause = new EngineError('engine_timeout', 'Cannot create a container: the engine did not answer');
  watch.report(new Error('Cannot grade the job', { cause }));
  assert.equal(watch.isWell, false);
  watch.report(cause);
  let isOver = false;
  const waiting = watch.untilWell(new AbortController().signal).then(() => {
    isOver = true;
  });
  await new Promise(setImmediate);
  assert.equal(isOver, false);
  setAnswering(true);
  await waiting;
  assert.equal(watch.isWell, true);
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).level),
    ['error', 'info'],
  );
});

test('watchEngine() does not take a refused call for an illness', (t) => {
  const { watch } = watchFake(t);
  watch.report(
    new EngineError('engine_refused', 'Cannot create a container: no such image', { status: 404 }),
  );
  watch.report(new Error('something else'));
  watch.report(undefined);
  assert.equal(watch.isWell, true);
});

test('untilWell() ends when its signal aborts', async (t) => {
  const { setAnswering, watch } = watchFake(t);
  setAnswering(false);
  watch.report(new EngineError('engine_unreachable', 'Cannot connect'));
  const shutdown = new AbortController();
  const waiting = watch.untilWell(shutdown.signal);
  shutdown.abort();
  await waiting;
  await waitFor('the engine to be ill still', () => !watch.isWell);
});
