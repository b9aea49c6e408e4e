import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createLogger } from '@orca/daemon';
import { type Fitness, type Need, watchFitness } from './fitness.ts';
import { waitFor } from './testing/wait-for.ts';

class Broken extends Error {}

/** Two needs that work or do not, watched, with what the log says of them. */
function watchTwo(t: TestContext): {
  works: { water: boolean; bread: boolean };
  reliefs: string[];
  lines: { level: string; need: string }[];
  fitness: Fitness;
} {
  const works = { water: true, bread: true };
  const reliefs: string[] = [];
  const lines: { level: string; need: string }[] = [];
  const log = createLogger(
    { name: 'test', level: 'info', pretty: false },
    { write: (line) => lines.push(JSON.parse(line)) },
  );
  const need = (name: 'water' | 'bread'): Need => ({
    name,
    trouble: `there is no ${name}`,
    probe: async () => {
      if (!works[name]) throw new Broken(name);
    },
    isToldBy: (error) => error instanceof Broken && error.message === name,
    isDoubtedBy: (error) => error.message === `is there ${name}?`,
    relieve: async () => void reliefs.push(name),
  });
  const stop = new AbortController();
  t.after(() => stop.abort());
  const fitness = watchFitness([need('water'), need('bread')], { log }, stop.signal);
  return { works, reliefs, lines, fitness };
}

test('watchFitness() takes a report at once, says so once, asks for relief once, and recovers by itself', async (t) => {
  const { works, reliefs, lines, fitness } = watchTwo(t);
  works.water = false;
  fitness.report(new Error('Cannot grade the job', { cause: new Broken('water') }));
  assert.deepEqual(fitness.troubles, ['there is no water']);
  assert.deepEqual(fitness.needs, { water: 'there is no water', bread: null });
  fitness.report(new Broken('water'));
  let isOver = false;
  const waiting = fitness.untilFit(new AbortController().signal).then(() => {
    isOver = true;
  });
  await new Promise(setImmediate);
  assert.equal(isOver, false);
  works.water = true;
  await waiting;
  assert.deepEqual(fitness.troubles, []);
  assert.deepEqual(
    lines.map(({ level, need }) => `${level} ${need}`),
    ['error water', 'info water'],
  );
  assert.deepEqual(reliefs, ['water']);
});

test('watchFitness() probes at once what a report lets it doubt, and believes the probe', async (t) => {
  const { works, fitness } = watchTwo(t);
  // The first probes are over.
  await new Promise(setImmediate);
  fitness.report(new Error('Cannot grade the job', { cause: new Error('is there bread?') }));
  await new Promise(setImmediate);
  assert.deepEqual(fitness.troubles, [], 'there is');
  works.bread = false;
  works.water = false;
  fitness.report(new Error('Cannot grade the job', { cause: new Error('is there bread?') }));
  await waitFor('the trouble', () => fitness.troubles.length > 0);
  assert.deepEqual(
    fitness.troubles,
    ['there is no bread'],
    'water was not doubted: its next probe is seconds away',
  );
});

test('untilFit() waits for everything that fails', async (t) => {
  const { works, fitness } = watchTwo(t);
  works.water = false;
  works.bread = false;
  fitness.report(new Broken('water'));
  fitness.report(new Broken('bread'));
  let isOver = false;
  const waiting = fitness.untilFit(new AbortController().signal).then(() => {
    isOver = true;
  });
  works.water = true;
  await waitFor('water', () => fitness.troubles.length === 1);
  assert.equal(isOver, false);
  works.bread = true;
  await waiting;
});

test('watchFitness() does not take an error that is about one job for an illness', (t) => {
  const { fitness } = watchTwo(t);
  fitness.report(new Error('something else'));
  fitness.report(undefined);
  assert.deepEqual(fitness.troubles, []);
});

test('watchFitness() finds by itself that something fails', async (t) => {
  const stop = new AbortController();
  t.after(() => stop.abort());
  const log = createLogger({ name: 'test', level: 'silent', pretty: false });
  const need: Need = {
    ...{ name: 'water', trouble: 'there is no water', isToldBy: () => false },
    probe: () => Promise.reject(new Error('none')),
  };
  const fitness = watchFitness([need], { log }, stop.signal);
  await waitFor('the trouble', () => fitness.troubles.length === 1);
});

test('untilFit() ends when its signal aborts', async (t) => {
  const { works, fitness } = watchTwo(t);
  works.water = false;
  fitness.report(new Broken('water'));
  const shutdown = new AbortController();
  const waiting = fitness.untilFit(shutdown.signal);
  shutdown.abort();
  await waiting;
  assert.deepEqual(fitness.troubles, ['there is no water']);
});
