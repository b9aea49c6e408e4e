import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { DEFAULT_LIMITS } from '@orca/protocol';
import { encodeJsonFrame, FRAME, frameHeader } from '@orca/protocol/sandbox-plan';
import { planJob } from './plan-job.ts';
import type { SandboxFile } from './sandbox.ts';
import { sendJob } from './send-job.ts';

const NEVER = new AbortController().signal;
const LARGE_BYTES = 3_000_001;
const PLAN = planJob({ steps: [], imageId: 'image', limits: DEFAULT_LIMITS, network: 'none', files: [] }, []);

async function makeFile(t: TestContext, content: Buffer, bytes = content.length): Promise<SandboxFile> {
  const folder = await mkdtemp(join(tmpdir(), 'orca-send-job-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'file');
  await writeFile(path, content);
  return { name: 'file', fileName: 'file', path, bytes, format: 'copy', replacePaths: false };
}

/** Looks at what it is given as late as it may, as a socket does. */
function slowInput(): { stdin: Writable; received(): Buffer; memories: Set<ArrayBufferLike> } {
  const chunks: Buffer[] = [];
  const memories = new Set<ArrayBufferLike>();
  const stdin = new Writable({
    write(chunk: Buffer, _encoding, done) {
      void turn().then(() => {
        chunks.push(Buffer.from(chunk));
        memories.add(chunk.buffer);
        done();
      });
    },
  });
  return { stdin, received: () => Buffer.concat(chunks), memories };
}

test('sendJob() sends files whole, each through one buffer', async (t) => {
  const contents = [randomBytes(LARGE_BYTES), Buffer.alloc(0), randomBytes(10)];
  const files = await Promise.all(contents.map((content) => makeFile(t, content)));
  const { stdin, received, memories } = slowInput();
  await sendJob(stdin, { program: null, plan: PLAN, files }, NEVER);
  const frames = contents.flatMap((content) => [frameHeader(FRAME.file, content.length), content]);
  assert.ok(received().equals(Buffer.concat([encodeJsonFrame(FRAME.plan, PLAN), ...frames])));
  // Headers, the plan and small files come out of Node's pool, which may be a new one at any time.
  assert.ok(memories.size < LARGE_BYTES / (256 * 1024), `${memories.size} buffers`);
});

test('sendJob() sends a small file in one piece', async (t) => {
  const files = await Promise.all(['one', 'two'].map((text) => makeFile(t, Buffer.from(text))));
  const pieces: string[] = [];
  const stdin = new Writable({
    write(chunk: Buffer, _encoding, done) {
      pieces.push(chunk.subarray(-3).toString());
      done();
    },
  });
  await sendJob(stdin, { program: null, plan: PLAN, files }, NEVER);
  assert.deepEqual(pieces.slice(1), ['one', 'two'], 'after the plan');
});

test('sendJob() throws when a file is longer or shorter than it says', async (t) => {
  for (const bytes of [9, 11, 300_000]) {
    const file = await makeFile(t, Buffer.alloc(10), bytes);
    await assert.rejects(
      sendJob(slowInput().stdin, { program: null, plan: PLAN, files: [file] }, NEVER),
      new Error(`Cannot send the file "file": it is not ${bytes} bytes long any more`),
    );
  }
});

test('sendJob() ends when the container takes no more: its input is closed, or the run is stopped', {
  timeout: 30_000,
}, async (t) => {
  const files = [await makeFile(t, Buffer.alloc(LARGE_BYTES))];
  const stuck = (): Writable => new Writable({ write: () => undefined });
  const closed = stuck();
  const sending = sendJob(closed, { program: null, plan: PLAN, files }, NEVER);
  closed.destroy();
  await assert.rejects(sending, /its input is closed/);
  const stopped = new AbortController();
  const stopping = sendJob(stuck(), { program: null, plan: PLAN, files }, stopped.signal);
  stopped.abort(new Error('stopped'));
  await assert.rejects(stopping, /stopped/);
});
