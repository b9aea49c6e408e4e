import assert from 'node:assert/strict';
import { PassThrough, Readable } from 'node:stream';
import { test } from 'node:test';
import { FRAME, frameHeader, type HarnessEnding } from '@orca/protocol/sandbox-plan';
import { ByteReader } from './byte-reader.ts';
import { createFrameWriter } from './frames.ts';
import { runPlan } from './run-plan.ts';
import type { Placed } from './start-placing-child.ts';
import { surroundingsOf } from './testing/surroundings-of.ts';

/** How a plan ends whose files were placed like this. */
async function endingOf(placed: Placed, oomKills: number): Promise<HarnessEnding> {
  const plan = Buffer.from(JSON.stringify({ steps: [], limits: { wallSeconds: 10 } }));
  const input = new ByteReader(Readable.from([Buffer.concat([frameHeader(FRAME.plan, plan.length), plan])]));
  return runPlan(input, {
    frames: createFrameWriter(new PassThrough().resume()),
    placing: { place: async () => placed },
    pipes: { provide: async () => undefined, take: () => null },
    surroundings: surroundingsOf({}, { oomKills }),
    onInputRead: () => undefined,
  });
}

test('runPlan() blames the archives for a child that ran out of memory, its own or the container’s', async () => {
  const died = { kind: 'died', sentence: 'Cannot place the files: x', isOutOfMemory: false } as const;
  assert.deepEqual(await endingOf(died, 0), { kind: 'failed', sentence: died.sentence });
  assert.deepEqual(await endingOf(died, 1), { kind: 'memory' });
  assert.deepEqual(await endingOf({ ...died, isOutOfMemory: true }, 0), { kind: 'memory' });
});
