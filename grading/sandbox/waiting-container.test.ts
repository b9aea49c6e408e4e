import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, test } from 'node:test';
import type { OutputPiece } from '@orca/docker';
import { encodeFrame, encodeProgram, FRAME } from '@orca/protocol/sandbox-plan';
import { HarnessError } from './read-frames.ts';
import type { RunningHarness } from './running-harness.ts';
import { loadHarness, type WaitingContainer } from './waiting-container.ts';

const READY = encodeFrame(FRAME.ready, Buffer.alloc(0));
const NEVER = new AbortController().signal;

interface Spoken {
  readonly harness: RunningHarness;
  readonly stdin: PassThrough;
  say(bytes: Buffer, stream?: OutputPiece['stream']): void;
  end(): void;
}

/** A container whose words a test puts into its mouth; cutting its streams ends it. */
function speaker(): Spoken {
  const pieces = new PassThrough({ objectMode: true });
  const stdin = new PassThrough();
  async function* output(): AsyncGenerator<OutputPiece> {
    try {
      for await (const piece of pieces) yield piece;
    } catch {
      // Cut off.
    }
  }
  const harness: RunningHarness = {
    ...{ stdin, output: output() },
    kill: async () => undefined,
    ending: async () => null,
    disconnect: () => void pieces.destroy(),
  };
  const say: Spoken['say'] = (bytes, stream = 'stdout') => void pieces.write({ stream, bytes });
  return { harness, stdin, say, end: () => void pieces.end() };
}

async function isSpoiled({ spoiled }: WaitingContainer): Promise<boolean> {
  return Promise.race([
    spoiled.then(() => true),
    new Promise<false>((resolve) => setImmediate(resolve, false)),
  ]);
}

describe('loadHarness()', () => {
  test('keeps little of what it complains of before it is ready', async () => {
    const { harness, say } = speaker();
    const loading = loadHarness('name', harness, 'program', NEVER);
    for (let times = 0; times < 1_000; times += 1) say(Buffer.alloc(64 * 1024, 'x'), 'stderr');
    say(READY);
    const container = await loading;
    let kept = 0;
    for await (const { stream, bytes } of container.harness.output) {
      if (stream === 'stdout') break;
      kept += bytes.length;
    }
    assert.equal(kept, 4 * 1024);
  });

  test('sends the program, and waits until the harness is ready, however that comes', async () => {
    const { harness, stdin, say } = speaker();
    const loading = loadHarness('name', harness, 'program', NEVER);
    say(READY.subarray(0, 5));
    say(Buffer.from('a warning'), 'stderr');
    say(READY.subarray(5));
    const container = await loading;
    assert.equal(container.name, 'name');
    assert.deepEqual(stdin.read(), encodeProgram('program'));
    assert.equal(await isSpoiled(container), false);
  });

  test('hands on all that was said, from the beginning', async () => {
    const { harness, say, end } = speaker();
    const loading = loadHarness('name', harness, 'program', NEVER);
    say(READY);
    const container = await loading;
    say(Buffer.from('more'));
    end();
    const heard = await Array.fromAsync(container.harness.output);
    assert.deepEqual(
      Buffer.concat(heard.map(({ bytes }) => bytes)),
      Buffer.concat([READY, Buffer.from('more')]),
    );
  });

  test('tells when the container ends while it waits', async () => {
    const { harness, say, end } = speaker();
    const loading = loadHarness('name', harness, 'program', NEVER);
    say(READY);
    const container = await loading;
    end();
    await container.spoiled;
  });

  test('tells when it says what nobody asked for', async () => {
    const { harness, say } = speaker();
    const loading = loadHarness('name', harness, 'program', NEVER);
    say(READY);
    const container = await loading;
    say(Buffer.from('!'));
    await container.spoiled;
  });

  test('throws what the harness complained of when it ends before it is ready', async () => {
    const { harness, say, end } = speaker();
    say(Buffer.from('SyntaxError: no'), 'stderr');
    end();
    await assert.rejects(loadHarness('name', harness, 'program', NEVER), (error) => {
      assert.ok(error instanceof HarnessError);
      assert.match(error.message, /it ended\. SyntaxError: no/);
      return true;
    });
  });

  test('throws when it says something else', async () => {
    const { harness, say } = speaker();
    say(Buffer.from('I am another program'));
    await assert.rejects(loadHarness('name', harness, 'program', NEVER), HarnessError);
  });

  test('gives up when the signal aborts, and closes the streams', async () => {
    const { harness } = speaker();
    const stop = new AbortController();
    const loading = loadHarness('name', harness, 'program', stop.signal);
    stop.abort(new Error('enough'));
    await assert.rejects(loading, /enough/);
    assert.deepEqual(await Array.fromAsync(harness.output), []);
  });
});
