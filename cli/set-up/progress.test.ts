import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { test } from 'node:test';
import { createProgress } from './progress.ts';

const DEADLINE_MS = 10_000;

/** An output that keeps what is written, and lets a test wait for a text. */
function keep(terminal: { isTTY?: boolean; columns?: number }) {
  const written: string[] = [];
  const events = new EventEmitter();
  return {
    ...terminal,
    written,
    write(text: string) {
      written.push(text);
      events.emit('write');
    },
    async untilWritten(text: string) {
      const signal = AbortSignal.timeout(DEADLINE_MS);
      while (!written.some((line) => line.includes(text))) await once(events, 'write', { signal });
    },
  };
}

test('createProgress() writes plain lines where there is no terminal', async () => {
  const output = keep({});
  const progress = createProgress(output);
  progress.say('Hello');
  assert.equal(await progress.step('Building', async () => 7), 7);
  assert.deepEqual(output.written, ['Hello\n', 'Building …\n', 'Building: done after 0 s\n']);
});

test('createProgress() draws one line on a terminal, never wider than it, and leaves the outcome', async () => {
  const output = keep({ isTTY: true, columns: 30 });
  await createProgress(output).step('Building', async (detail) => {
    detail('a very long line of some program\nand a second one');
    await output.untilWritten('a very');
  });
  const drawn = output.written.slice(0, -1);
  assert.ok(drawn.length >= 2, 'it was drawn again');
  for (const line of drawn) assert.ok(line.replace('\r\u001b[2K', '').length < 30, JSON.stringify(line));
  assert.doesNotMatch(drawn.join(''), /second/);
  assert.equal(output.written.at(-1), '\r\u001b[2KBuilding: done after 0 s\n');
});

test('createProgress() lets no control character of a program through to the terminal', async () => {
  const output = keep({ isTTY: true });
  await createProgress(output).step('Building', async (detail) => {
    detail('\u001b[31mred\u0007 alert\r\nmore');
    await output.untilWritten('alert');
  });
  assert.equal(output.written.at(-2), '\r\u001b[2KBuilding … 0 s  [31mred alert');
});

test('createProgress() says that a step failed and passes on why', async () => {
  const output = keep({});
  const step = createProgress(output).step('Building', () => Promise.reject(new Error('no')));
  await assert.rejects(step, /no/);
  assert.equal(output.written.at(-1), 'Building: failed after 0 s\n');
});
