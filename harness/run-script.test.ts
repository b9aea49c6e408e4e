import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import type { HarnessEnding, SandboxPlan } from '@orca/protocol/sandbox-plan';
import { createFrameWriter } from './frames.ts';
import { createProcessGroups } from './process-groups.ts';
import { runScript } from './run-script.ts';
import { surroundingsOf } from './testing/surroundings-of.ts';

/** Of a test whose script never ends. */
const TEST_MS_MAX = 20_000;

const PLAN: SandboxPlan = {
  env: {},
  home: { path: '/', template: null },
  folders: { downloaded: '/nowhere', extracted: '/nowhere', build: '/nowhere' },
  files: [],
  steps: [
    {
      kind: 'condition',
      path: 'script[0]',
      predicate: 'exists',
      operand: '/bin/sh',
      onTrue: 'output',
      onFalse: 'abort',
    },
  ],
  limits: { wallSeconds: 10, diskBytes: 1, entries: 1 },
};

/** How a script of one condition ends. */
async function endingOf(jobMs: number, onStarted: (id: number) => void): Promise<HarnessEnding> {
  const groups = createProcessGroups();
  return runScript(PLAN, {
    frames: createFrameWriter(new PassThrough().resume()),
    pipes: { provide: async () => undefined, take: () => null },
    surroundings: surroundingsOf({
      onStarted(id) {
        groups.add(id);
        onStarted(id);
      },
      killAll: groups.killAll,
    }),
    deadlineMs: performance.now() + jobMs,
  });
}

test('runScript() ends a condition with the job, whose time it was that was up', {
  timeout: TEST_MS_MAX,
}, async () => {
  assert.deepEqual(await endingOf(TEST_MS_MAX, () => undefined), { kind: 'output', step: 0 });
  let ending: HarnessEnding;
  // It holds where the shell was faster than the signal.
  do ending = await endingOf(300, (id) => process.kill(id, 'SIGSTOP'));
  while (ending.kind === 'output');
  assert.deepEqual(ending, { kind: 'job_time' });
});
