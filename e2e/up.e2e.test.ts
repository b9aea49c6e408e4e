import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { removePostgres } from '@orca/database/embedded';
import { startFakeClient } from './kit/fake-client.ts';
import { makeJob } from './kit/make-job.ts';
import { waitFor } from './kit/wait-for.ts';

const ORCA = fileURLToPath(new URL('../orca', import.meta.url));
const POSTGRES_FOLDER = 'postgres';
const READY_TIMEOUT_MS = 120_000;

/** A data folder for one test, of mode 0700, removed afterwards with what stands elsewhere on its behalf. */
async function makeDataFolder(t: TestContext, name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), name));
  await chmod(folder, 0o700);
  t.after(async () => {
    for (const data of postgresFolders(folder)) await removePostgres(data);
    await rm(folder, { recursive: true, force: true });
  });
  return folder;
}

/** Where `orca up` and `orca demo` keep PostgreSQL in a data folder. */
const postgresFolders = (folder: string): string[] =>
  [folder, join(folder, 'demo')].map((data) => join(data, POSTGRES_FOLDER));

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

/** A process, told from a later one of the same id by its start time. */
interface ProcessMark {
  readonly pid: number;
  readonly parent: number;
  readonly started: string;
  readonly command: string;
}

async function readProcess(pid: string): Promise<ProcessMark | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') return null;
    return { pid: Number(pid), parent: Number(fields[1]), started: fields[19] ?? '', command };
  } catch {
    return null; // it ended meanwhile
  }
}

async function listProcesses(): Promise<ProcessMark[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return (await Promise.all(pids.map(readProcess))).filter((found) => found !== null);
}

/** A process and all that it started, and what they started. */
async function familyOf(pid: number): Promise<ProcessMark[]> {
  const all = await listProcesses();
  const family = all.filter((mark) => mark.pid === pid);
  for (const member of family) family.push(...all.filter((mark) => mark.parent === member.pid));
  return family;
}

/** Those of a family that are still there. */
async function survivorsOf(family: readonly ProcessMark[]): Promise<string[]> {
  const alive = new Set((await listProcesses()).map((mark) => `${mark.pid} ${mark.started}`));
  return family.filter((mark) => alive.has(`${mark.pid} ${mark.started}`)).map((mark) => mark.command);
}

test('orca up runs everything under a folder of mode 0700, refuses a second one, and leaves nothing behind', async (t) => {
  const folder = await makeDataFolder(t, 'orca up ');
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
  const family = await familyOf(up.child.pid ?? 0);
  for (const program of [
    'bin/postgres',
    'orchestrator/main.ts server',
    'orchestrator/main.ts image-builder',
    'worker/main.ts',
  ])
    assert.ok(
      family.some((mark) => mark.command.includes(program)),
      program,
    );

  const second = orca('up', '--port', '0', '--data', folder);
  await second.exited;
  assert.equal(second.child.exitCode, 1);
  assert.match(second.output(), /already/);

  up.child.kill('SIGTERM');
  await up.exited;
  assert.equal(up.child.exitCode, 0, up.output());
  assert.deepEqual(await survivorsOf(family), []);
});

test('orca up that was killed outright leaves no server, and the next one copes with what is left', async (t) => {
  const folder = await makeDataFolder(t, 'orca-killed-');
  const first = orca('up', '--port', '0', '--data', folder);
  await waitFor('the first one being ready', () => addressIn(first.output()), READY_TIMEOUT_MS);
  const family = await familyOf(first.child.pid ?? 0);
  first.child.kill('SIGKILL');
  await first.exited;

  const second = orca('up', '--port', '0', '--data', folder);
  t.after(() => second.child.kill('SIGKILL'));
  await waitFor('the second one being ready', () => addressIn(second.output()), READY_TIMEOUT_MS);
  second.child.kill('SIGINT');
  await second.exited;
  assert.equal(second.child.exitCode, 0, second.output());
  await waitFor('the end of all that the first one started', async () => {
    return (await survivorsOf(family)).length === 0;
  });
});

test('orca demo grades an example as its expected.json says', async (t) => {
  const folder = await makeDataFolder(t, 'orca-demo-');
  const demo = orca('demo', 'python-unittest', '--data', folder);
  await demo.exited;
  assert.equal(demo.child.exitCode, 0, demo.output());
  for (const submission of ['perfect', 'partly-wrong', 'syntax-error', 'endless-loop', 'memory-hog'])
    assert.ok(demo.output().includes(submission), `${submission} in:\n${demo.output()}`);
});
