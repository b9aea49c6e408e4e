import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startFakeClient } from './kit/fake-client.ts';
import { makeJob } from './kit/make-job.ts';
import { waitFor } from './kit/wait-for.ts';

const ORCA = fileURLToPath(new URL('../orca', import.meta.url));
const READY_TIMEOUT_MS = 120_000;

interface Running {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly exited: Promise<unknown>;
}

function orca(...args: string[]): Running {
  const child = spawn(ORCA, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout?.on('data', (chunk) => (output += chunk));
  child.stderr?.on('data', (chunk) => (output += chunk));
  return { child, output: () => output, exited: once(child, 'exit') };
}

const addressIn = (output: string): string | undefined =>
  /Orca is ready at (http:\/\/127\.0\.0\.1:\d+)/.exec(output)?.[1];

/** The processes that work for one data folder: those that name it in their command line or environment, or stand in it. */
async function processesOf(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const cmdline = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    const environ = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
    if (Number(pid) !== process.pid && [cmdline, environ, cwd].some((text) => text.includes(folder)))
      found.push(cmdline.replaceAll('\0', ' '));
  }
  return found;
}

test('orca up runs everything under a folder of mode 0700, refuses a second one, and leaves nothing behind', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'orca up '));
  await chmod(folder, 0o700);
  t.after(() => rm(folder, { recursive: true, force: true }));
  await using client = await startFakeClient();

  const up = orca('up', '--port', '0', '--data', folder, '--workers', '2', '--concurrency', '2');
  t.after(() => up.child.kill('SIGKILL'));
  const url = await waitFor(
    `"Orca is ready" in:\n${up.output()}`,
    () => {
      if (up.child.exitCode !== null) throw new Error(`orca up ended:\n${up.output()}`);
      return addressIn(up.output());
    },
    READY_TIMEOUT_MS,
  );
  const answer = await fetch(`${url}/api/v1/grading_queue`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(makeJob(client, 'through up')),
  });
  assert.equal(answer.status, 200);
  assert.equal((await client.waitForResult('through up')).json.output, 'hello');

  const second = orca('up', '--port', '0', '--data', folder);
  await second.exited;
  assert.equal(second.child.exitCode, 1);
  assert.match(second.output(), /already/);

  up.child.kill('SIGTERM');
  await up.exited;
  assert.equal(up.child.exitCode, 0, up.output());
  assert.deepEqual(await processesOf(folder), []);
});

test('orca up that was killed outright leaves no server, and the next one copes with what is left', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'orca-killed-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const first = orca('up', '--port', '0', '--data', folder);
  await waitFor('the first one being ready', () => addressIn(first.output()), READY_TIMEOUT_MS);
  first.child.kill('SIGKILL');
  await first.exited;

  const second = orca('up', '--port', '0', '--data', folder);
  t.after(() => second.child.kill('SIGKILL'));
  await waitFor('the second one being ready', () => addressIn(second.output()), READY_TIMEOUT_MS);
  second.child.kill('SIGINT');
  await second.exited;
  assert.equal(second.child.exitCode, 0, second.output());
  await waitFor('no process of the folder', async () => (await processesOf(folder)).length === 0);
});

test('orca demo grades every example as its expected.json says', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'orca-demo-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const demo = orca('demo', '--data', folder);
  await demo.exited;
  assert.equal(demo.child.exitCode, 0, demo.output());
  for (const submission of ['perfect', 'partly-wrong', 'syntax-error', 'endless-loop', 'memory-hog'])
    assert.ok(demo.output().includes(submission), `${submission} in:\n${demo.output()}`);
  assert.deepEqual(await processesOf(folder), []);
});
