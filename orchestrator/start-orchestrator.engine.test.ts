import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { cloneDatabase } from '@orca/database/testing';

const MAIN = join(import.meta.dirname, 'main.ts');
const DEADLINE_MS = 180_000;

/** A process that `main.ts start` says that it started. */
interface Started {
  readonly process: string;
  readonly pid: number;
}

/** Runs `main.ts start` on a database of its own, with a folder for images. */
async function startBoth(t: TestContext, databaseUrl: string, env: Record<string, string> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'orca-start-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const child = spawn(process.execPath, [MAIN, 'start'], {
    env: {
      POSTGRES_URL: databaseUrl,
      API_PORT: '0',
      ORCA_IMAGE_FOLDER: folder,
      ORCA_LOG_FORMAT: 'json',
      ...env,
    },
    cwd: '/',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    timeout: DEADLINE_MS,
  });
  t.after(() => child.kill('SIGKILL'));
  const { stdout, stderr } = child;
  assert.ok(stdout !== null && stderr !== null);
  const started: Started[] = [];
  const waiters = new Set<() => void>();
  let log = '';
  createInterface(stdout).on('line', (line) => {
    log += `${line}\n`;
    const record: unknown = JSON.parse(line);
    if (isStarted(record)) started.push(record);
    for (const look of waiters) look();
  });
  return {
    child,
    stderr: text(stderr),
    exited: once(child, 'exit'),
    log: () => log,
    /** Waits until so many processes of a name have been started, and returns the last of them. */
    async untilStarted(name: string, times: number): Promise<number> {
      const found = Promise.withResolvers<number>();
      const look = (): void => {
        const pids = started.filter((one) => one.process === name).map((one) => one.pid);
        if (pids.length >= times) found.resolve(pids.at(-1) ?? Number.NaN);
      };
      waiters.add(look);
      look();
      return found.promise;
    },
  };
}

function isStarted(record: unknown): record is Started {
  if (typeof record !== 'object' || record === null || !('process' in record && 'pid' in record))
    return false;
  return 'msg' in record && record.msg === 'process started';
}

/** Whether a process is there; a zombie of a parent that still runs would be, too. */
function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function answers(address: string): Promise<boolean> {
  const answer = await fetch(`${address}/api/v1/status`).catch(() => null);
  return answer?.ok === true;
}

test('main.ts start runs both, and starts one that dies again without the other, then stops in order', async (t) => {
  await using database = await cloneDatabase();
  const both = await startBoth(t, database.url);
  const [ready] = await once(both.child, 'message');
  assert.equal(ready.kind, 'ready');
  assert.ok(await answers(ready.address), both.log());
  const builder = await both.untilStarted('the image builder', 1);
  const server = await both.untilStarted('the server', 1);

  process.kill(server, 'SIGKILL');
  const again = await both.untilStarted('the server', 2);
  assert.notEqual(again, server);
  assert.ok(await answers(ready.address), 'it is where it was');
  assert.ok(isThere(builder), 'the builder ran on');

  process.kill(builder, 'SIGKILL');
  const builderAgain = await both.untilStarted('the image builder', 2);
  assert.ok(await answers(ready.address));
  assert.ok(isThere(again), 'the server ran on');

  both.child.kill('SIGTERM');
  assert.deepEqual(await both.exited, [0, null], both.log());
  assert.deepEqual([again, builderAgain].filter(isThere), []);
  assert.match(both.log(), /"name":"orca-server".*"msg":"stopped"/);
  assert.match(both.log(), /"name":"orca-image-builder".*"msg":"stopped"/);
});

test('main.ts start ends with 1 when one does not start, tries it once, and stops the other', async (t) => {
  await using database = await cloneDatabase();
  await using other = await startOther();
  const both = await startBoth(t, database.url, { API_PORT: String(other.port) });
  assert.deepEqual(await both.exited, [1, null]);
  assert.match(both.log(), /Cannot start the server: it ended with status 1, see its log/);
  assert.equal(both.log().match(/"msg":"cannot start"/g)?.length, 2, 'the server, then the parent');
  assert.ok(!isThere(await both.untilStarted('the image builder', 1)));
});

/** Another program that has a port. */
async function startOther() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
}
