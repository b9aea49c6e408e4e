import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { sleep } from '@orca/daemon';
import { connectDatabase, installationId, migrate } from '@orca/database';
import { findKeptPostgres, keepPostgres } from './keep-postgres.ts';

const OTHERS_MAY_ENTER = 0o755;
const DEADLINE_MS = 30_000;
const POLL_MS = 50;
/** A server that never ends would be waited for as long. */
const LIMIT = { timeout: 60_000 };

/** What is written into a database once and for all. */
async function identify(url: string): Promise<string> {
  await using db = await connectDatabase({ url, applicationName: 'test' });
  await migrate(db);
  return await installationId(db);
}

/** A kept server, and what is said of it. What a line leads to, `onLine` does at once. */
async function openServer(t: TestContext, onLine: (line: string) => void = () => undefined) {
  const folder = await mkdtemp(join(tmpdir(), 'orca-keep-postgres-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await chmod(folder, OTHERS_MAY_ENTER);
  const said: string[] = [];
  const server = await keepPostgres(folder, (line) => {
    said.push(line);
    onLine(line);
  });
  const until = async <T>(look: () => Promise<T | null> | T | null): Promise<T> => {
    const deadline = performance.now() + DEADLINE_MS;
    for (;;) {
      const found = await look();
      if (found !== null) return found;
      assert.ok(performance.now() < deadline, `it does not come: ${said.join('; ')}`);
      await sleep(POLL_MS);
    }
  };
  return {
    ...{ folder, cluster: join(folder, 'postgres', 'cluster'), server },
    kill: () => process.kill(server.pid, 'SIGKILL'),
    untilSaid: (pattern: RegExp) => until(() => said.find((line) => pattern.test(line)) ?? null),
    /** @returns the database's identity */
    untilBack: () => until(() => identify(server.url).catch(() => null)),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

test(
  'keepPostgres() starts a server that was killed again, where it was and with all that it held',
  LIMIT,
  async (t) => {
    await using kept = await openServer(t);
    const id = await identify(kept.server.url);
    kept.kill();
    assert.equal(await kept.untilBack(), id);
    await kept.untilSaid(/; starting it again$/);
  },
);

test(
  'keepPostgres() tries again and again as long as a server does not start, and says why',
  LIMIT,
  async (t) => {
    await using kept = await openServer(t);
    const id = await identify(kept.server.url);
    const settings = join(kept.cluster, 'postgresql.auto.conf');
    const good = await readFile(settings);
    await writeFile(settings, 'no_such_setting = on\n');
    kept.kill();
    await kept.untilSaid(/no_such_setting.*starting it again in \d+ s$/s);
    await writeFile(settings, good);
    assert.equal(await kept.untilBack(), id);
  },
);

test('keepPostgres() waits for its former port, where the other processes look for it', LIMIT, async (t) => {
  const taken = createServer();
  t.after(() => taken.close());
  await using kept = await openServer(t, (line) => {
    if (line.endsWith('; starting it again'))
      taken.listen(Number(new URL(kept.server.url).port), '127.0.0.1');
  });
  const id = await identify(kept.server.url);
  kept.kill();
  await kept.untilSaid(/Address already in use/);
  taken.close();
  assert.equal(await kept.untilBack(), id);
});

test('keepPostgres() makes no new database in place of one that is gone', LIMIT, async (t) => {
  await using kept = await openServer(t);
  const id = await identify(kept.server.url);
  await rename(kept.cluster, `${kept.cluster}.away`);
  kept.kill();
  await kept.untilSaid(/its data are gone; starting it again in \d+ s$/);
  await rename(`${kept.cluster}.away`, kept.cluster);
  assert.equal(await kept.untilBack(), id);
});

test('keepPostgres() ends while it starts a server again, and leaves none behind', LIMIT, async (t) => {
  const kept = await openServer(t);
  kept.kill();
  await kept.untilSaid(/; starting it again$/);
  await kept.server[Symbol.asyncDispose]();
  assert.equal(await findKeptPostgres(kept.folder), null);
});
