import assert from 'node:assert/strict';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { test } from 'node:test';
import { connectDatabase, RepeatTransaction } from './connect.ts';
import { DatabaseError, type DatabaseErrorCode, isDatabaseAway } from './database-error.ts';
import { installationId } from './installation.ts';
import { enqueueJob } from './queue/enqueue.ts';
import { countJobs } from './queue/look.ts';
import type { SqlStatement } from './sql-blocks.ts';
import { cloneDatabase, makeJob } from './testing/index.ts';

function sql(text: string): SqlStatement {
  return {
    name: `test_${text.length}_${text.slice(0, 40).replaceAll(/\W/g, '_')}`,
    text,
    writes: /insert|update/.test(text),
  };
}

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

test('connectDatabase() says that nobody answers', async () => {
  const url = 'postgres://orca:secret@127.0.0.1:1/orca';
  await assert.rejects(connectDatabase({ url, applicationName: 'test' }), (error) => {
    assert.ok(isDatabaseAway(error));
    assert.equal(error.code, 'database_unreachable');
    assert.doesNotMatch(error.message, /secret/);
    return true;
  });
});

test('connectDatabase() understands the URL of a Prisma set-up', async () => {
  await using database = await cloneDatabase();
  const url = `${database.url}?schema=public&connection_limit=3`;
  await using db = await connectDatabase({ url, applicationName: 'test' });
  assert.equal(await installationId(db), await installationId(database.db));
});

test('connectDatabase() keeps to sslmode: no plain text where TLS is asked for, no TLS where it is not wanted', async () => {
  await using database = await cloneDatabase(); // its server speaks no TLS
  await using db = await connectDatabase({ url: `${database.url}?sslmode=disable`, applicationName: 'test' });
  assert.deepEqual(await db.query(sql('select 1 as one')), [{ one: 1 }]);
  for (const mode of ['require', 'verify-full', 'no-verify']) {
    const url = `${database.url}?schema=public&sslmode=${mode}`;
    await assert.rejects(connectDatabase({ url, applicationName: 'test' }), (error: unknown) => {
      assert.ok(error instanceof DatabaseError && error.code === 'database_unreachable', mode);
      assert.match(String(error.cause), /does not support SSL/, mode);
      return true;
    });
  }
});

test('query() limits how long a statement may take', async () => {
  await using database = await cloneDatabase();
  const settings = await database.db.query<{ name: string; setting: string }>(
    sql(`select name, setting from pg_settings where name in
      ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout') order by name`),
  );
  assert.deepEqual(
    settings.map(({ setting }) => setting),
    ['10000', '2000', '5000'],
  );
});

test('query() tells a defect of ours from a database that is away', async () => {
  await using database = await cloneDatabase();
  await assert.rejects(database.db.query(sql('select 1 / 0')), withCode('query_failed'));
  await assert.rejects(
    database.db.query(sql('select pg_terminate_backend(pg_backend_pid())')),
    isDatabaseAway,
  );
  assert.match(await installationId(database.db), /^[0-9a-f-]{36}$/, 'the connection is replaced');
});

test('query() reads ids as numbers', async () => {
  await using database = await cloneDatabase();
  const [row] = await database.db.query<{ id: number }>(sql('select 9007199254740991::bigint as id'));
  assert.equal(row?.id, Number.MAX_SAFE_INTEGER);
  await assert.rejects(database.db.query(sql('select 9007199254740992::bigint as id')));
});

test('transaction() stores all or nothing', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const insert = sql(`insert into orca.signing_secrets (client, secret) values ('a', 'whsec_1')`);
  await assert.rejects(
    db.transaction(async (tx) => {
      await tx.query(insert);
      throw new Error('changed my mind');
    }),
    /changed my mind/,
  );
  assert.deepEqual(await db.query(sql('select from orca.signing_secrets')), []);
  const stored = await db.transaction((tx) => tx.query(insert).then(() => 'stored'));
  assert.equal(stored, 'stored');
  assert.equal((await db.query(sql('select from orca.signing_secrets'))).length, 1);
});

test('transaction() does the whole again when it got in the way of another', async () => {
  await using database = await cloneDatabase();
  let runs = 0;
  const answer = await database.db.transaction(async (tx) => {
    runs += 1;
    if (runs < 3) throw new RepeatTransaction('in the way');
    if (runs === 3) await tx.query(sql(`do $$ begin raise exception using errcode = '40P01'; end $$`));
    return 'done';
  });
  assert.equal(answer, 'done');
  assert.equal(runs, 4);
});

test('a commit whose answer is lost is of unknown outcome, and doing it again is harmless', async () => {
  await using database = await cloneDatabase();
  const proxy = await startCutProxy(new URL(database.url), 'commit');
  try {
    await using db = await connectDatabase({ url: proxy.url, applicationName: 'test' });
    const insert = sql(`insert into orca.signing_secrets (client, secret) values ('a', 'whsec_1')`);
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
