import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { cloneDatabase } from '@orca/database/testing';
import { makeArchive, makeWorker } from './testing/make-image.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const DEADLINE_MS = 60_000;
/** More than sockets hold. */
const LARGE_BYTES = 64 * 1024 * 1024;

/** A server as a process of its own, with a download that has begun and is not read yet. */
async function startDownload() {
  await using opened = new AsyncDisposableStack();
  const database = opened.use(await cloneDatabase());
  const folder = await mkdtemp(path.join(os.tmpdir(), 'orca-images-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const image = await makeArchive(database.db, folder, Buffer.alloc(LARGE_BYTES, 7));
  const { authorization } = await makeWorker(database.db);
  const env = {
    POSTGRES_URL: database.url,
    API_PORT: '0',
    ORCA_IMAGE_FOLDER: folder,
    ORCA_LOG_FORMAT: 'json',
  };
  const server = spawn(process.execPath, [MAIN, 'server'], {
    ...{ env, cwd: '/', timeout: DEADLINE_MS },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  opened.defer(() => void server.kill('SIGKILL'));
  assert.ok(server.stdout !== null);
  const log = text(server.stdout);
  const [{ address }] = await once(server, 'message');
  const request = get(`${address}/images/${image.sha}.tgz`, { headers: { authorization } });
  const [answer]: IncomingMessage[] = await once(request, 'response');
  assert.ok(answer !== undefined);
  const stack = opened.move();
  return { server, answer, image, log, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

test('a server that is told to end lets a download under way end first', async () => {
  await using started = await startDownload();
  const { server, answer, image } = started;
  const ended = once(server, 'exit');
  server.kill('SIGTERM');
  assert.ok(image.bytes.equals(await buffer(answer)));
  const [status] = await ended;
  assert.equal(status, 0, await started.log);
});

test('a server that is hurried calls a download off', async () => {
  await using started = await startDownload();
  const { server, answer } = started;
  const ended = once(server, 'exit');
  server.kill('SIGTERM');
  server.kill('SIGINT');
  const [status] = await ended;
  assert.equal(status, 0, await started.log);
  await assert.rejects(buffer(answer), { code: 'ECONNRESET' });
});
