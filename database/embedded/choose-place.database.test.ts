import assert from 'node:assert/strict';
import { cp, mkdtemp, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { FALLBACK_FOLDER, placeBinaries } from './choose-place.ts';
import { findBinaries } from './find-binaries.ts';
import { runProgram } from './run-program.ts';
import { findRunAs } from './system-user.ts';

const isRoot = process.getuid?.() === 0;

test('placeBinaries() uses the programs where they are when their user can run them', async () => {
  const binaries = findBinaries();
  const runAs = await findRunAs(() => undefined);
  const place = await placeBinaries(binaries, runAs, () => undefined);
  const { status, output } = await runProgram(path.join(place, 'bin', 'postgres'), ['--version'], runAs);
  assert.equal(status, 0);
  assert.match(output, new RegExp(`\\(PostgreSQL\\) ${binaries.major}\\.`));
});

test('placeBinaries() as root copies the programs out of a closed folder, once for a version', {
  skip: !isRoot,
}, async (t) => {
  const { closed, version } = await makeClosedCopy(t);
  const runAs = await findRunAs(() => undefined);
  const binaries = { ...findBinaries(), version, folder: closed };
  const said: string[] = [];
  const both = await Promise.all([
    placeBinaries(binaries, runAs, (line) => said.push(line)),
    placeBinaries(binaries, runAs, (line) => said.push(line)),
  ]);
  const expected = path.join(FALLBACK_FOLDER, `postgres-${version}`);
  assert.deepEqual(both, [expected, expected]);
  assert.match(said.join('\n'), /cannot enter/);
  const { ino } = await stat(expected);
  said.length = 0;
  assert.equal(await placeBinaries(binaries, runAs, (line) => said.push(line)), expected);
  assert.deepEqual(said, []);
  assert.equal((await stat(expected)).ino, ino);
});

/** The programs in a folder of mode 0700, under a version of their own. */
async function makeClosedCopy(t: TestContext): Promise<{ closed: string; version: string }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'orca-closed-')); // mkdtemp makes it 0700
  const version = `test-${crypto.randomUUID()}`;
  t.after(async () => {
    await rm(folder, { recursive: true, force: true });
    await rm(path.join(FALLBACK_FOLDER, `postgres-${version}`), { recursive: true, force: true });
  });
  const closed = path.join(folder, 'native');
  await cp(findBinaries().folder, closed, { recursive: true, verbatimSymlinks: true });
  return { closed, version };
}
