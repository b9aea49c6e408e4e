import fc from 'fast-check';

/** What may be done to the queue, for tests that do it at random. */
export type Operation =
  | {
      kind: 'put';
      name: string;
      submitter: string;
      content: string;
      image: 'ready' | 'building' | 'unknown';
      delaySeconds: number;
      immediate: boolean;
    }
  | { kind: 'claim' }
  /** On the run that was claimed so many claims ago. */
  | { kind: 'renew' | 'finish' | 'finish_and_claim' | 'shutdown' | 'not_now' | 'fault' | 'hold'; run: number }
  | { kind: 'release' | 'delay' | 'cancel'; name: string }
  | { kind: 'built' | 'build_failed' }
  | { kind: 'pass'; seconds: number };

/** Few, so that they meet. */
const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');

const put = fc.record({
  kind: fc.constant('put' as const),
  name,
  submitter: fc.constantFrom('ada', 'bob'),
  content: fc.constantFrom('first', 'second'),
  image: fc.oneof(
    { weight: 5, arbitrary: fc.constant('ready' as const) },
    { weight: 2, arbitrary: fc.constant('building' as const) },
    { weight: 1, arbitrary: fc.constant('unknown' as const) },
  ),
  delaySeconds: fc.constantFrom(0, 0, 1000, 2000),
  immediate: fc.oneof(
    { weight: 3, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  ),
});

const claim = fc.record({ kind: fc.constant('claim' as const) });

const onRun = fc.record({
  kind: fc.constantFrom(
    ...(['renew', 'finish', 'finish_and_claim', 'finish_and_claim'] as const satisfies Operation['kind'][]),
    ...(['shutdown', 'not_now', 'fault', 'hold'] as const satisfies Operation['kind'][]),
  ),
  run: fc.nat(3),
});

const steer = fc.record({
  kind: fc.constantFrom(...(['release', 'delay', 'cancel'] as const satisfies Operation['kind'][])),
  name,
});

const build = fc.record({
  kind: fc.constantFrom(...(['built', 'built', 'build_failed'] as const satisfies Operation['kind'][])),
});

/** Times far enough apart for a slow machine. */
const pass = fc.record({ kind: fc.constant('pass' as const), seconds: fc.constantFrom(100, 700, 1000) });

/** What one actor does that is one transaction: the end of a build and the passing of time are not. */
export const singleOperation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 5, arbitrary: put },
  { weight: 4, arbitrary: claim },
  { weight: 3, arbitrary: onRun },
  { weight: 2, arbitrary: steer },
);

/** What several may do at the same time. */
export const concurrentOperation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 13, arbitrary: singleOperation },
  { weight: 1, arbitrary: build },
);

/** All of it. */
export const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 14, arbitrary: concurrentOperation },
  { weight: 2, arbitrary: pass },
);
