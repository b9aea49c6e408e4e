import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type EnqueuePlan, type KnownJob, type Put, planEnqueue } from './plan-enqueue.ts';

function known(state: KnownJob['state'], isImmediate = false): KnownJob {
  return { id: 1, state, content: Buffer.alloc(32), isImmediate };
}

function put(changes: Partial<Put> = {}): Put {
  return { image: 'ready', hasSameContent: false, immediate: false, ...changes };
}

const SAME = { hasSameContent: true } as const;
const NOW = { immediate: true } as const;
const BUILDING = { image: 'building' } as const;

const ROWS: [what: string, job: KnownJob | null, put: Put, plan: EnqueuePlan][] = [
  ['a new job', null, put(), { kind: 'insert', state: 'waiting' }],
  ['a new job whose image is being built', null, put(BUILDING), { kind: 'insert', state: 'held' }],
  ['a new job whose image was pruned', null, put({ image: 'pruned' }), { kind: 'insert', state: 'held' }],
  ['a job whose image is unknown', null, put({ image: null }), { kind: 'refuse' }],
  ['a job whose image failed to build', known('waiting'), put({ image: 'failed' }), { kind: 'refuse' }],
  ['a finished job', known('finished'), put(SAME), { kind: 'restart', state: 'waiting' }],
  ['the same for a waiting job', known('waiting'), put(SAME), { kind: 'keep', state: 'waiting' }],
  [
    'the same for a waiting job whose image has failed since',
    known('waiting'),
    put({ ...SAME, image: 'failed' }),
    { kind: 'keep', state: 'waiting' },
  ],
  [
    'a finished job whose image has failed since',
    known('finished'),
    put({ ...SAME, image: 'failed' }),
    { kind: 'refuse' },
  ],
  ['the same for a held job', known('held'), put({ ...SAME, ...BUILDING }), { kind: 'keep', state: 'held' }],
  ['the same for a job being graded', known('grading'), put(SAME), { kind: 'keep', state: 'grading' }],
  [
    'the same at once for a job being graded',
    known('grading'),
    put({ ...SAME, ...NOW }),
    { kind: 'keep', state: 'grading' },
  ],
  [
    'the same at once for a waiting job',
    known('waiting'),
    put({ ...SAME, ...NOW }),
    { kind: 'make_immediate', state: 'waiting', becomesImmediate: true },
  ],
  [
    'the same at once for one that is immediate already',
    known('waiting', true),
    put({ ...SAME, ...NOW }),
    { kind: 'keep', state: 'waiting' },
  ],
  [
    'other content for a waiting job',
    known('waiting'),
    put(),
    { kind: 'renew', state: 'waiting', becomesImmediate: false },
  ],
  [
    'other content and image for a waiting job',
    known('waiting'),
    put(BUILDING),
    { kind: 'renew', state: 'held', becomesImmediate: false },
  ],
  [
    'other content at once for a held job',
    known('held'),
    put(NOW),
    { kind: 'renew', state: 'waiting', becomesImmediate: true },
  ],
  ['other content for a job being graded', known('grading'), put(), { kind: 'take_back', state: 'waiting' }],
  [
    'other content and image for a job being graded',
    known('grading'),
    put(BUILDING),
    { kind: 'take_back', state: 'held' },
  ],
];

for (const [what, job, given, plan] of ROWS) {
  test(`planEnqueue() of ${what}: ${plan.kind}`, () => {
    assert.deepEqual(planEnqueue(job, given), plan);
  });
}
