import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { emptyModel, type Model, SECOND } from '../queue/model.ts';
import { modelPut } from '../queue/model-put.ts';
import { modelClaim, modelFinish, modelRenew } from '../queue/model-run.ts';
import { type Capacity, type Simulated, type Submission, simulate } from './simulate.ts';

const RUNS = 300;
const ALL_AT_ONCE: Capacity = { slots: 1, overheadSeconds: 0, claimsPerSecond: null };

const submission = (changes: Partial<Submission> = {}): Submission => ({
  ...{ atSeconds: 0, submitter: 'ada', gradingSeconds: 10, delaySeconds: 0, isImmediate: false },
  ...changes,
});

/** A run of the model: its job by its index in the trace, and when it ends. */
type ModelRun = { index: number; token: number; endsAt: number };

/** What the model of the queue does with a trace, looked through for each step. */
function simulateByModel(trace: readonly Submission[], { slots, overheadSeconds }: Capacity): Simulated {
  const model = emptyModel();
  const runs: ModelRun[] = [];
  const claims = new Float64Array(trace.length);
  const ends = new Float64Array(trace.length);
  let arrived = 0;
  for (;;) {
    const moments = [
      ...runs.map(({ endsAt }) => endsAt),
      ...trace.slice(arrived, arrived + 1).map(({ atSeconds }) => atSeconds),
      ...(runs.length < slots ? model.places.map(({ releaseAt }) => releaseAt / SECOND) : []),
    ];
    if (moments.length === 0) break;
    const now = Math.max(Math.min(...moments), timeOf(model));
    for (const run of runs.filter(({ endsAt }) => endsAt <= now)) {
      at(model, now);
      assert.ok(modelFinish(model, String(run.index), run.token));
      runs.splice(runs.indexOf(run), 1);
    }
    for (; (trace[arrived]?.atSeconds ?? Number.POSITIVE_INFINITY) <= now; arrived += 1) {
      at(model, now);
      putInto(model, arrived, trace[arrived] ?? submission());
    }
    while (runs.length < slots) {
      at(model, now);
      for (const run of runs) {
        modelRenew(model, String(run.index), run.token);
        at(model, now);
      }
      const job = modelClaim(model);
      if (job === null) break;
      const index = Number(job.name);
      claims[index] = now;
      const endsAt = now + overheadSeconds + (trace[index]?.gradingSeconds ?? 0);
      ends[index] = endsAt;
      runs.push({ index, token: model.tokens, endsAt });
    }
  }
  return { arrivals: Float64Array.from(trace, ({ atSeconds }) => atSeconds), claims, ends };
}

/** The model counts a microsecond for each operation: the next one is to be at this time. */
function at(model: Model, seconds: number): void {
  model.now = seconds * SECOND - 1;
}

function timeOf(model: Model): number {
  return Math.ceil(model.now / SECOND);
}

function putInto(model: Model, index: number, { submitter, delaySeconds, isImmediate }: Submission): void {
  const put = { name: String(index), submitter, content: 'c', image: 'ready' as const };
  modelPut(model, { ...put, delaySeconds, immediate: isImmediate });
}

/** Times are whole seconds, and each arrival has its own, since the model has no order within a moment. */
const arbitraryTrace = fc
  .array(
    fc.record({
      pauseSeconds: fc.integer({ min: 1, max: 6 }),
      submitter: fc.constantFrom('ada', 'bob', 'cleo'),
      gradingSeconds: fc.integer({ min: 1, max: 20 }),
      delaySeconds: fc.constantFrom(0, 0, 0, 3, 30),
      isImmediate: fc.boolean(),
    }),
    { maxLength: 40, size: 'max' },
  )
  .map((steps) => {
    let atSeconds = 0;
    return steps.map(({ pauseSeconds, ...rest }): Submission => {
      atSeconds += pauseSeconds;
      return { ...rest, atSeconds };
    });
  });

test('simulate() does what the model of the queue does, on random traces', () => {
  fc.assert(
    fc.property(
      arbitraryTrace,
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 0, max: 2 }),
      (trace, slots, overheadSeconds) => {
        const capacity = { slots, overheadSeconds, claimsPerSecond: null };
        assert.deepEqual(simulate(trace, capacity), simulateByModel(trace, capacity));
      },
    ),
    { numRuns: RUNS },
  );
});

test('simulate() serves with each place the newest job of its submitter', () => {
  const trace = [
    submission({ submitter: 'bob' }),
    submission({ atSeconds: 1 }),
    submission({ atSeconds: 2, submitter: 'cleo' }),
    submission({ atSeconds: 3 }),
  ];
  const { claims, ends } = simulate(trace, ALL_AT_ONCE);
  assert.deepEqual([...claims], [0, 30, 20, 10]);
  assert.deepEqual([...ends], [10, 40, 30, 20]);
});

test('simulate() serves nothing before its release, however idle it is', () => {
  const { claims } = simulate([submission({ delaySeconds: 100 })], { ...ALL_AT_ONCE, slots: 8 });
  assert.deepEqual([...claims], [100]);
});

test('simulate() gives no more claims in a second than the database does', () => {
  const trace = Array.from({ length: 6 }, (_, number) => submission({ submitter: `${number}` }));
  const { claims } = simulate(trace, { slots: 100, overheadSeconds: 1, claimsPerSecond: 2 });
  assert.deepEqual([...claims], [0, 0.5, 1, 1.5, 2, 2.5]);
});

test('simulate() has nothing to tell of an empty trace', () => {
  const nothing = new Float64Array();
  assert.deepEqual(simulate([], ALL_AT_ONCE), { arrivals: nothing, claims: nothing, ends: nothing });
});

test('simulate() takes a million submissions', () => {
  const count = 1_000_000;
  const trace = Array.from({ length: count }, (_, number) =>
    submission({ atSeconds: number / 100, submitter: `${number % 50_000}`, gradingSeconds: 5 }),
  );
  const { claims, ends } = simulate(trace, { slots: 400, overheadSeconds: 0, claimsPerSecond: null });
  // 80 of the 100 that come in a second are graded in one: the last one ends when the work is done.
  const lastEnd = ends.reduce((latest, end) => Math.max(latest, end), 0);
  assert.ok(Math.abs(lastEnd - (count * 5) / 400) < 10);
  assert.ok(claims.every((claim, index) => claim >= index / 100));
});
