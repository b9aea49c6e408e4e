import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createProcessList, endLeftovers } from './end-leftovers.ts';

async function makeFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'orca-left-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

function startSleeper(t: TestContext): ChildProcess & { readonly pid: number } {
  const child = spawn('sleep', ['60']);
  t.after(() => child.kill('SIGKILL'));
  const { pid } = child;
  assert.ok(pid);
  return Object.assign(child, { pid });
}

test('endLeftovers() ends what a killed launcher left behind, and says whom it waits for', async (t) => {
  const folder = await makeFolder(t);
  const child = startSleeper(t);
  const exited = once(child, 'exit');
  await createProcessList(folder)('worker 1', child.pid);
  const said: string[] = [];
  await endLeftovers(folder, (line) => said.push(line));
  const [, signal] = await exited;
  assert.equal(signal, 'SIGTERM');
  assert.deepEqual(said, [
    `Waiting for what an Orca that was killed left behind: worker 1 (process ${child.pid})`,
  ]);
});

test('endLeftovers() leaves a process alone that only has the number of one that is gone', async (t) => {
  const folder = await makeFolder(t);
  const child = startSleeper(t);
  await createProcessList(folder)('worker 1', child.pid);
  const path = join(folder, 'processes.json');
  const list: { startTicks: string }[] = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(path, JSON.stringify(list.map((one) => ({ ...one, startTicks: '1' }))));
  await endLeftovers(folder, assert.fail);
  assert.equal(child.exitCode, null);
  assert.equal(child.signalCode, null);
});

test('endLeftovers() does nothing for a fresh folder, one in order, or a damaged list', async (t) => {
  const folder = await makeFolder(t);
  await endLeftovers(folder, assert.fail);
  const child = startSleeper(t);
  await createProcessList(folder)('worker 1', child.pid);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await endLeftovers(folder, assert.fail);
  for (const text of ['', '{', 'null', '[null, 1, {"pid": 1}]', '[{"name":"x","pid":-1,"startTicks":"1"}]']) {
    await writeFile(join(folder, 'processes.json'), text);
    await endLeftovers(folder, assert.fail);
  }
});

test('createProcessList() keeps the latest process of each name', async (t) => {
  const folder = await makeFolder(t);
  const list = createProcessList(folder);
  const [one, two, three] = [startSleeper(t), startSleeper(t), startSleeper(t)];
  await Promise.all([list('server', one.pid), list('worker 1', two.pid), list('worker 1', three.pid)]);
  const written: { name: string; pid: number }[] = JSON.parse(
    await readFile(join(folder, 'processes.json'), 'utf8'),
  );
  assert.deepEqual(
    written.map(({ name, pid }) => [name, pid]),
    [
      ['server', one.pid],
      ['worker 1', three.pid],
    ],
  );
});

test('createProcessList() goes on after a disk that took nothing for a while', async (t) => {
  const folder = await makeFolder(t);
  const data = join(folder, 'data');
  const list = createProcessList(data);
  const child = startSleeper(t);
  await assert.rejects(list('worker 1', child.pid), { code: 'ENOENT' });
  await mkdir(data);
  await list('worker 2', child.pid);
  const written: { name: string }[] = JSON.parse(await readFile(join(data, 'processes.json'), 'utf8'));
  assert.deepEqual(
    written.map(({ name }) => name),
    ['worker 1', 'worker 2'],
  );
});
