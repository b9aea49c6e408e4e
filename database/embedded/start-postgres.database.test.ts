import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { connectDatabase } from '../connect.ts';
import { installationId } from '../installation.ts';
import { migrate } from '../migrate.ts';
import { type EmbeddedPostgres, findRunningPostgres, removePostgres, startPostgres } from './index.ts';
import { findPostmaster, stopPostmaster } from './postmaster.ts';

const isRoot = process.getuid?.() === 0;

/** A folder for a server, removed with all that hangs on it. */
async function makeFolder(t: TestContext, mode = 0o755): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'orca-embedded-'));
  await chmod(folder, mode);
  const dataDir = path.join(folder, 'postgres');
  t.after(async () => {
    await stopLeftServer(dataDir);
    await removePostgres(dataDir);
    await rm(folder, { recursive: true });
  });
  return dataDir;
}

function start(dataDir: string, log: (line: string) => void = () => undefined): Promise<EmbeddedPostgres> {
  return startPostgres({ dataDir, log, durable: false });
}

/** Starts one in a process of its own. @returns that process, and the server's */
async function startInProcess(dataDir: string) {
  const module = pathToFileURL(path.join(import.meta.dirname, 'index.ts')).href;
  const script = `const { startPostgres } = await import(${JSON.stringify(module)});
    const server = await startPostgres({ dataDir: ${JSON.stringify(dataDir)}, log: () => {}, durable: false });
    console.log(server.pid); setInterval(() => {}, 1e6);`;
  const launcher = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line]: unknown[] = await once(launcher.stdout, 'data');
  return { launcher, pid: Number(String(line)) };
}

test('startPostgres() tells of an end that came before it had returned', { timeout: 60_000 }, async (t) => {
  const dataDir = await makeFolder(t);
  const end: (this: pg.Client) => Promise<void> = pg.Client.prototype.end;
  t.mock.method(pg.Client.prototype, 'end', async function endWithServer(this: pg.Client) {
    const pid = await findPostmaster(await clusterOf(dataDir));
    assert.ok(pid !== null);
    process.kill(pid, 'SIGKILL');
    // It stays there until this process has heard of its end.
    while (existsSync(`/proc/${pid}`)) await delay(10);
    await end.call(this);
  });
  await using server = await start(dataDir);
  assert.match(await server.ended, /has ended$/);
});

test('findRunningPostgres() finds a server that runs, and none that does not', async (t) => {
  const dataDir = await makeFolder(t);
  assert.equal(await findRunningPostgres(dataDir), null);
  await using server = await start(dataDir);
  assert.equal(await findRunningPostgres(dataDir), server.url);
  await server.stop();
  assert.equal(await findRunningPostgres(dataDir), null);
});

test('findRunningPostgres() finds a server whose data had to stand elsewhere', {
  skip: !isRoot,
}, async (t) => {
  const dataDir = await makeFolder(t, 0o700);
  await using server = await start(dataDir);
  assert.equal(await findRunningPostgres(dataDir), server.url);
});

test('startPostgres() keeps data, password and port over a restart, and leaves no process', async (t) => {
  const dataDir = await makeFolder(t);
  await using first = await start(dataDir);
  await migrate(first.url);
  const id = await readId(first.url);
  await first.stop();
  await first.stop();
  assert.match(await first.ended, /has ended/);
  assert.throws(() => process.kill(first.pid, 0), { code: 'ESRCH' });
  await using second = await start(dataDir);
  assert.equal(second.url, first.url);
  assert.equal(await readId(second.url), id);
});

test('startPostgres() listens on loopback only, and not without the password', async (t) => {
  const dataDir = await makeFolder(t);
  await using server = await start(dataDir);
  const url = new URL(server.url);
  assert.equal(url.hostname, '127.0.0.1');
  const addresses = await listeningAddresses(server.pid, Number(url.port));
  assert.deepEqual(addresses, ['0100007F']);
  url.password = 'wrong';
  await assert.rejects(connectDatabase({ url: url.href, applicationName: 'test' }));
  assert.equal((await stat(path.join(dataDir, 'password'))).mode & 0o777, 0o600);
});

test('startPostgres() refuses a folder that another process uses, and names that process', async (t) => {
  const dataDir = await makeFolder(t);
  await using server = await start(dataDir);
  await assert.rejects(start(dataDir), new RegExp(`process ${process.pid} runs one there`));
  assert.doesNotThrow(() => process.kill(server.pid, 0));
});

test('startPostgres() replaces the server that a killed process left behind', async (t) => {
  const dataDir = await makeFolder(t);
  const { launcher, pid } = await startInProcess(dataDir);
  launcher.kill('SIGKILL');
  await once(launcher, 'exit');
  assert.doesNotThrow(() => process.kill(pid, 0), 'the server outlives its launcher');
  const said: string[] = [];
  await using server = await start(dataDir, (line) => said.push(line));
  assert.notEqual(server.pid, pid);
  assert.match(said.join('\n'), new RegExp(`process ${pid}`));
  const cluster = path.join(dataDir, 'cluster');
  assert.equal(await findPostmaster(cluster), server.pid);
});

test('startPostgres() takes another port when its own is taken', async (t) => {
  const dataDir = await makeFolder(t);
  await using first = await start(dataDir);
  await first.stop();
  const { createServer } = await import('node:net');
  const squatter = createServer().listen(Number(new URL(first.url).port), '127.0.0.1');
  t.after(() => squatter.close());
  await once(squatter, 'listening');
  await using second = await start(dataDir);
  assert.notEqual(new URL(second.url).port, new URL(first.url).port);
});

test("startPostgres() is not reached by the signals of its launcher's terminal", async (t) => {
  const dataDir = await makeFolder(t);
  await using server = await start(dataDir);
  const fields = (await readFile(`/proc/${server.pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
  assert.equal(Number(fields[2]), server.pid, 'it leads a process group of its own');
});

test('startPostgres() as root in a closed folder puts its data elsewhere, and finds them again', {
  skip: !isRoot,
}, async (t) => {
  const dataDir = await makeFolder(t, 0o700);
  const said: string[] = [];
  await using first = await start(dataDir, (line) => said.push(line));
  await migrate(first.url);
  const id = await readId(first.url);
  await first.stop();
  assert.match(said.join('\n'), /\/var\/lib\/orca\/.*cannot enter/);
  await using second = await start(dataDir);
  assert.equal(await readId(second.url), id);
  const owner = await stat(`/proc/${second.pid}`);
  assert.notEqual(owner.uid, 0);
});

test('startPostgres() removes what tests that were killed left under /var/lib/orca', {
  skip: !isRoot,
}, async (t) => {
  const forgotten = await makeFolder(t, 0o700);
  await using first = await start(forgotten);
  await first.stop();
  const place = (await readFile(path.join(forgotten, 'location'), 'utf8')).trim();
  await rm(forgotten, { recursive: true });
  const kept = await makeFolder(t, 0o700);
  await using _ = await start(kept);
  await assert.rejects(stat(place), { code: 'ENOENT' });
});

/** A test that fails half-way leaves no server behind. */
async function stopLeftServer(dataDir: string): Promise<void> {
  const cluster = await clusterOf(dataDir);
  const left = await findPostmaster(cluster);
  if (left !== null) await stopPostmaster(left, cluster);
}

async function clusterOf(dataDir: string): Promise<string> {
  const moved = await readFile(path.join(dataDir, 'location'), 'utf8').catch(() => dataDir);
  return path.join(moved.trim(), 'cluster');
}

async function readId(url: string): Promise<string> {
  await using db = await connectDatabase({ url, applicationName: 'test' });
  return await installationId(db);
}

/** Local addresses, as hexadecimal, on which somebody listens at a port, from the kernel's table. */
async function listeningAddresses(pid: number, port: number): Promise<string[]> {
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/${pid}/net/${name}`, 'utf8')),
  );
  return tables
    .flatMap((table) => table.trim().split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(
      ([, local, , state]) => state === '0A' && Number.parseInt(local?.split(':')[1] ?? '', 16) === port,
    )
    .map(([, local]) => local?.split(':')[0] ?? '');
}
