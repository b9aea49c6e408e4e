import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { PROGRAM_GLOBAL, type SandboxPlan } from '@orca/protocol/sandbox-plan';
import { ByteReader } from './byte-reader.ts';
import { type Placed, startPlacingChild } from './start-placing-child.ts';

const PLAN: SandboxPlan = {
  env: {},
  home: { path: '/nowhere', template: null },
  folders: { downloaded: '/nowhere', extracted: '/nowhere', build: '/nowhere' },
  files: [],
  steps: [],
  limits: { wallSeconds: 10, diskBytes: 1, entries: 1 },
};

/** What is said of a child that runs this program. */
async function placedBy(program: string): Promise<Placed> {
  Reflect.set(globalThis, PROGRAM_GLOBAL, program);
  try {
    const child = startPlacingChild({ user: null, onStarted: () => undefined });
    const bytes = Buffer.from(JSON.stringify(PLAN));
    return await child.place({ bytes, plan: PLAN }, new ByteReader(Readable.from([])), () => undefined);
  } finally {
    Reflect.deleteProperty(globalThis, PROGRAM_GLOBAL);
  }
}

test('startPlacingChild() tells a child that ran out of memory from one that died otherwise', async () => {
  const full = await placedBy('const all = []; for (;;) all.push(new Array(1e5).fill(1.5));');
  assert.equal(full.kind, 'died');
  assert.equal(full.kind === 'died' && full.isOutOfMemory, true, JSON.stringify(full));
  for (const program of ['process.abort()', 'process.exit(3)', 'throw new Error("out of memory")']) {
    const died = await placedBy(program);
    assert.equal(died.kind === 'died' && died.isOutOfMemory, false, JSON.stringify(died));
  }
});
