import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createLogger } from '@orca/daemon';
import { EngineError, tryContainer } from '@orca/docker';
import { startFakeEngine } from '@orca/docker/testing';
import { BaseMissingError } from '@orca/grading';
import { watchFitness } from './fitness.ts';
import { needBaseImage, needDisk, needEngine } from './needs.ts';
import { findOwner } from './process-mark.ts';
import { waitFor } from './testing/wait-for.ts';

const RUNNING = new AbortController().signal;
const relieve = async (): Promise<void> => {};

/** A file system of so many KiB in a folder. */
function mountSmall(t: TestContext, kib: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'orca-small-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kib}k`, 'tmpfs', folder]);
  t.after(() => {
    execFileSync('umount', [folder]);
    rmSync(folder, { recursive: true });
  });
  return folder;
}

const NEEDS_ROOT = process.getuid?.() === 0 ? false : 'SKIPPED: only root can mount a small file system';

test('needDisk() fails while there is too little room, and says how much there is', {
  skip: NEEDS_ROOT,
}, async (t) => {
  const folder = mountSmall(t, 3 * 1024 + 8);
  await needDisk(folder, 3, relieve).probe(RUNNING);
  writeFileSync(join(folder, 'file'), Buffer.alloc(64 * 1024));
  await assert.rejects(
    needDisk(folder, 3, relieve).probe(RUNNING),
    /^Error: Cannot begin another job: 2 MiB are free in ".*", 3 are needed$/,
  );
  await needDisk(folder, 2, relieve).probe(RUNNING);
  assert.deepEqual(readdirSync(folder).toSorted(), ['file', 'process.json']);
});

test('needDisk() fails while nothing can be written, however little is asked for, and leaves its mark alone', {
  skip: NEEDS_ROOT,
}, async (t) => {
  const folder = mountSmall(t, 16);
  const disk = needDisk(folder, 0, relieve);
  const error: unknown = await disk.probe(RUNNING).catch((reason: unknown) => reason);
  assert.ok(error instanceof Error);
  assert.equal(disk.isToldBy(error), true);
  assert.deepEqual(readdirSync(folder), ['process.json']);
});

test("needDisk() makes the worker's folder again, but not what it lies in", async (t) => {
  const parent = mkdtempSync(join(tmpdir(), 'orca-parent-'));
  t.after(() => rmSync(parent, { recursive: true, force: true }));
  const folder = join(parent, 'worker');
  const disk = needDisk(folder, 0, relieve);
  await disk.probe(RUNNING);
  assert.equal(await findOwner(folder), 'running');
  rmSync(parent, { recursive: true });
  await assert.rejects(() => Promise.resolve(disk.probe(RUNNING)), { code: 'ENOENT' });
});

test("needDisk() marks the worker's folder once there is room again", {
  skip: NEEDS_ROOT,
}, async (t) => {
  const parent = mountSmall(t, 256);
  const folder = join(parent, 'worker');
  const filler = join(parent, 'filler');
  assert.throws(() => writeFileSync(filler, Buffer.alloc(257 * 1024)), { code: 'ENOSPC' });
  const disk = needDisk(folder, 0, relieve);
  // There is room for the folder, and for nothing in it.
  await assert.rejects(Promise.resolve(disk.probe(RUNNING)), { code: 'ENOSPC' });
  rmSync(filler);
  await disk.probe(RUNNING);
  assert.equal(await findOwner(folder), 'running');
});

test('needEngine() is told by an engine that does not answer, not by one refused call', () => {
  const engine = needEngine('unix:///nowhere', { tryContainer: relieve, relieve: () => {} });
  assert.equal(engine.isToldBy(new EngineError('engine_timeout', 'Cannot create a container')), true);
  const refused = new EngineError('engine_refused', 'Cannot create a container', { status: 404 });
  assert.equal(engine.isToldBy(refused), false);
});

/** An engine that tells its version, and answers nothing but that while it is not `whole`. */
async function startHalfDead(t: TestContext) {
  const state = { isWhole: false, creates: 0, versions: 0 };
  const hanging: ServerResponse[] = [];
  const fake = await startFakeEngine((request, response) => {
    const url = request.url ?? '';
    state.versions += url === '/version' ? 1 : 0;
    const isCreate = url.includes('/containers/create');
    state.creates += isCreate ? 1 : 0;
    if (isCreate && !state.isWhole) hanging.push(response);
    else request.resume().on('end', () => response.end('{"ApiVersion":"1.41","Id":"i","Size":0}\n'));
  });
  t.after(() => fake[Symbol.asyncDispose]());
  const hangUp = (): void => {
    for (const response of hanging.splice(0)) response.destroy();
  };
  return { ...fake, state, hangUp };
}

test('needEngine() fails after a time-out until a container can be made, though the engine tells its version', async (t) => {
  const fake = await startHalfDead(t);
  const stop = new AbortController();
  t.after(() => stop.abort());
  const probe = { image: 'orca-engine-probe:w', labels: {} };
  const need = needEngine(fake.dockerHost, {
    tryContainer: (signal) => tryContainer(fake.engine, probe, signal),
    relieve: () => {},
  });
  const log = createLogger({ name: 'test', level: 'silent', pretty: false });
  const fitness = watchFitness([need], { log }, stop.signal);
  await waitFor('the first probe', () => fake.state.versions === 1);
  assert.equal(fake.state.creates, 0, 'a healthy engine is asked for no container');
  fitness.report(
    new Error('Cannot grade', { cause: new EngineError('engine_timeout', 'Cannot create a container') }),
  );
  await waitFor('a container asked for', () => fake.state.creates === 1);
  fake.hangUp();
  await waitFor('another asked for', () => fake.state.creates === 2);
  assert.deepEqual(fitness.troubles, ['the container engine does not answer']);
  fake.state.isWhole = true;
  fake.hangUp();
  await waitFor('its being well', () => fitness.troubles.length === 0);
  await need.probe(stop.signal);
  assert.equal(fake.state.creates, 3, 'nobody is in doubt any more');
});

test('needBaseImage() fails while the engine has no base image, as a run tells at once, and knows no better while it is away', async () => {
  let status = 200;
  await using fake = await startFakeEngine((_request, response) => {
    response.writeHead(status).end(JSON.stringify({ Id: 'sha256:1', Size: 1, message: 'No such image' }));
  });
  const need = needBaseImage(fake.engine);
  await need.probe(RUNNING);
  status = 500;
  await need.probe(RUNNING);
  status = 404;
  await assert.rejects(Promise.resolve(need.probe(RUNNING)), BaseMissingError);
  status = 500;
  await assert.rejects(Promise.resolve(need.probe(RUNNING)), BaseMissingError, 'nothing has changed');
  status = 200;
  await need.probe(RUNNING);
  assert.equal(need.isToldBy(new BaseMissingError()), true);
  assert.equal(need.isToldBy(new Error('Cannot download grader images now')), false);
  status = 500;
  await assert.rejects(Promise.resolve(need.probe(RUNNING)), BaseMissingError, 'a run has told of it');
});
