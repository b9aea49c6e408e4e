import assert from 'node:assert/strict';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { test } from 'node:test';
import { connectDatabase } from './connect.ts';
import { DatabaseError, type DatabaseErrorCode, isDatabaseAway } from './database-error.ts';
import { installationId } from './installation.ts';
import { enqueueJob } from './queue/enqueue.ts';
import { countJobs } from './queue/look.ts';
import { cloneDatabase, makeJob } from './testing/index.ts';

function withCode(code: DatabaseErrorCode): (error: unknown) => boolean {
  return (error) => error instanceof DatabaseError && error.code === code;
}

/** A TCP proxy that goes silent: connections stay open, and nothing passes any more. */
async function startSilentProxy(
  target: URL,
): Promise<{ url: string; silence(): void; close(): Promise<void> }> {
  let isSilent = false;
  const sockets = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ port: Number(target.port), host: target.hostname, allowHalfOpen: true });
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => undefined);
      from.on('data', (bytes: Buffer) => !isSilent && to.write(bytes));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = new URL(target);
  url.port = String(typeof address === 'object' ? address?.port : '');
  return {
    url: url.href,
    silence: () => {
      isSilent = true;
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** A TCP proxy that cuts a connection as soon as the client has sent certain bytes; they still reach the server. */
async function startCutProxy(
  target: URL,
  cutAfter: string,
): Promise<{ url: string; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    client.on('data', (bytes: Buffer) => {
      upstream.write(bytes);
      if (bytes.includes(cutAfter)) client.destroy();
    });
    upstream.on('data', (bytes: Buffer) => client.writable && client.write(bytes));
    client.on('close', () => upstream.end());
    upstream.on('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = new URL(target);
  url.port = String(typeof address === 'object' ? address?.port : '');
  return {
    url: url.href,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

test('a commit whose answer is lost is of unknown outcome, and doing it again is harmless', async () => {
  await using database = await cloneDatabase();
  const proxy = await startCutProxy(new URL(database.url), 'commit');
  try {
    await using db = await connectDatabase({ url: proxy.url, applicationName: 'test' });
    const text = `insert into orca.signing_secrets (client, secret) values ('a', 'whsec_1')`;
    const insert = { name: 'insert_secret_of_test', text, writes: true };
    await assert.rejects(
      db.transaction((tx) => tx.query(insert)),
      withCode('outcome_unknown'),
    );
  } finally {
    await proxy.close();
  }
});

test('enqueueJob() whose answer is lost is of unknown outcome; the same again finds the job', async () => {
  await using database = await cloneDatabase();
  const proxy = await startCutProxy(new URL(database.url), 'insert_ready_job');
  try {
    await using db = await connectDatabase({ url: proxy.url, applicationName: 'test' });
    await assert.rejects(enqueueJob(db, makeJob()), withCode('outcome_unknown'));
  } finally {
    await proxy.close();
  }
  const answer = await enqueueJob(database.db, makeJob());
  assert.equal(answer.kind, 'queued');
  assert.equal(await countJobs(database.db), 1);
});

test('query() of a connection that is cut before anything was sent stores nothing and says so', async () => {
  await using database = await cloneDatabase();
  const proxy = await startCutProxy(new URL(database.url), 'never sent');
  await using db = await connectDatabase({ url: proxy.url, applicationName: 'test' });
  await proxy.close();
  await assert.rejects(enqueueJob(db, makeJob()), isDatabaseAway);
  assert.equal(await countJobs(database.db), 0);
});

test('a database behind a dead network is noticed, and does not keep its connections from being closed', async () => {
  await using database = await cloneDatabase();
  const proxy = await startSilentProxy(new URL(database.url));
  try {
    const db = await connectDatabase({ url: proxy.url, applicationName: 'test' });
    await installationId(db);
    proxy.silence();
    const startedAt = performance.now();
    await assert.rejects(installationId(db), withCode('database_unreachable'));
    assert.ok(performance.now() - startedAt < 20_000, 'noticed within 20 s');
    await db[Symbol.asyncDispose]();
  } finally {
    await proxy.close();
  }
});

test('a database whose network dies while it is idle can be closed, and leaves no socket behind', async () => {
  await using database = await cloneDatabase();
  const proxy = await startSilentProxy(new URL(database.url));
  try {
    const before = countSockets();
    const db = await connectDatabase({ url: proxy.url, applicationName: 'test' });
    await installationId(db);
    assert.ok(countSockets() > before);
    proxy.silence();
    await db[Symbol.asyncDispose]();
    // Of each connection through the proxy two ends are the proxy's own.
    assert.equal(countSockets(), before + 2);
  } finally {
    await proxy.close();
  }
});

function countSockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
}
