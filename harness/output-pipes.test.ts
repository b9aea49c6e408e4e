import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { stockOutputPipes } from './output-pipes.ts';

function makeFolder(): Disposable & { readonly pipesFolder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'orca-pipes-'));
  return {
    pipesFolder: join(folder, 'pipes'),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

/** Takes all that there are, and gives them back. @returns how many were real pipes */
function takeAll(pipes: ReturnType<typeof stockOutputPipes>): number {
  let count = 0;
  for (let pipe = pipes.take(); pipe !== null; pipe = pipes.take()) {
    assert.ok(statSync(`/proc/self/fd/${pipe.writeFd}`).isFIFO());
    pipe.closeWriter();
    pipe.reader.destroy();
    count += 1;
  }
  return count;
}

test('stockOutputPipes() makes as many as it was told, in a folder that is closed then', async () => {
  using folder = makeFolder();
  const pipes = stockOutputPipes(4, { ...folder, user: null });
  await pipes.provide(2);
  assert.equal(statSync(folder.pipesFolder).mode & 0o777, 0o700);
  assert.equal(takeAll(pipes), 4);
});

test('stockOutputPipes() makes more where a script has more commands than expected', async () => {
  using folder = makeFolder();
  const pipes = stockOutputPipes(2, { ...folder, user: null });
  await pipes.provide(5);
  assert.equal(statSync(folder.pipesFolder).mode & 0o777, 0o700);
  assert.equal(takeAll(pipes), 5);
});

test('stockOutputPipes() has none where none can be made', async () => {
  const pipes = stockOutputPipes(2, { pipesFolder: '/proc/pipes', user: null });
  await pipes.provide(4);
  assert.equal(pipes.take(), null);
});

test('stockOutputPipes() closes its folder also when no pipe could be made', async () => {
  using folder = makeFolder();
  const pipes = stockOutputPipes(2, { ...folder, user: null });
  await pipes.provide(2);
  // Where the next pipe is to be made lies something.
  writeFileSync(join(folder.pipesFolder, '2'), '');
  await pipes.provide(4);
  assert.equal(statSync(folder.pipesFolder).mode & 0o777, 0o700);
  assert.equal(takeAll(pipes), 2, 'those that were made before are as good as ever');
});

test('stockOutputPipes() gives none out of a folder that cannot be closed', async () => {
  using folder = makeFolder();
  const pipes = stockOutputPipes(2, { ...folder, user: null });
  await pipes.provide(2);
  rmSync(folder.pipesFolder, { recursive: true });
  await pipes.provide(4);
  assert.equal(pipes.take(), null);
});
