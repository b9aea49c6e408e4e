import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { cloneDatabase, pretendSchema } from '@orca/database/testing';
import { checksOf, runDoctor } from './testing/run-doctor.ts';

/** There is no engine: these tests need none. */
const NO_ENGINE = { DOCKER_HOST: 'unix:///nonexistent/docker.sock' };
const PASSWORD = 'a-s3cret-passw0rd';

async function makeFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'orca-doctor-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

/** Accepts connections, and says nothing ever. */
async function startMute(listen: (server: Server) => void): Promise<AsyncDisposable & { server: Server }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket.on('error', () => undefined)));
  listen(server);
  await once(server, 'listening');
  return {
    server,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

test('orca doctor finds a good database well, and no secret of it in what it prints', async () => {
  await using database = await cloneDatabase();
  const examined = await runDoctor(['--role', 'orchestrator', '--json'], {
    ...NO_ENGINE,
    POSTGRES_URL: database.url,
  });
  const checks = checksOf(examined);
  for (const name of ['settings', 'database', 'database.rights', 'database.schema', 'clock.database'])
    assert.equal(checks.get(name)?.state, 'ok', JSON.stringify(checks.get(name)));
  const { password } = new URL(database.url);
  assert.ok(password === '' || !examined.stdout.includes(password));
});

test('orca doctor tells an older schema from a newer one, and what to do', async () => {
  await using database = await cloneDatabase();
  const look = async (environment: string) => {
    const env = { ...NO_ENGINE, POSTGRES_URL: database.url, ENVIRONMENT: environment };
    return checksOf(await runDoctor(['--role', 'orchestrator', '--json'], env)).get('database.schema');
  };
  await pretendSchema(database.db, 'newer');
  const newer = await look('production');
  assert.deepEqual([newer?.state, newer?.now?.startsWith('The schema is newer')], ['fail', true]);
  assert.match(newer?.mend ?? '', /upgrade this checkout/);
  await pretendSchema(database.db, 'older');
  const older = await look('production');
  assert.deepEqual([older?.state, older?.now?.startsWith('The schema is older')], ['fail', true]);
  assert.match(older?.mend ?? '', /npm run migrate/);
  assert.equal((await look('development'))?.state, 'warn');
});

test('orca doctor ends with status 1 for a database that is down, and shows neither password nor user', async () => {
  const url = `postgresql://orca:${PASSWORD}@127.0.0.1:1/orca`;
  for (const args of [['--json'], []]) {
    const examined = await runDoctor(['--role', 'worker', ...args], { ...NO_ENGINE, POSTGRES_URL: url });
    assert.equal(examined.status, 1);
    assert.match(examined.stdout, /ECONNREFUSED/);
    assert.match(examined.stdout, /start PostgreSQL on 127\.0\.0\.1/);
    assert.ok(!(examined.stdout + examined.stderr).includes(PASSWORD));
  }
});

test('orca doctor hides the password of a URL that is none, and refuses it as the programs do', async () => {
  const env = { ...NO_ENGINE, POSTGRES_URL: `mysql://orca:${PASSWORD}@db/orca` };
  const examined = await runDoctor(['--role', 'worker', '--json'], env);
  assert.match(checksOf(examined).get('settings')?.now ?? '', /Cannot use the secret as POSTGRES_URL/);
  assert.ok(!examined.stdout.includes(PASSWORD));
});

test('orca doctor does not wait for a database and an engine that hang', async () => {
  await using folder = await makeFolder();
  const path = join(folder.path, 'docker.sock');
  await using engine = await startMute((server) => server.listen(path));
  await using postgres = await startMute((server) => server.listen(0, '127.0.0.1'));
  const address = postgres.server.address();
  assert.ok(engine.server.listening && typeof address === 'object' && address !== null);
  const env = {
    DOCKER_HOST: `unix://${path}`,
    POSTGRES_URL: `postgresql://orca:${PASSWORD}@127.0.0.1:${address.port}/orca`,
  };
  const checks = checksOf(await runDoctor(['--role', 'worker', '--json'], env));
  assert.match(checks.get('engine')?.mend ?? '', /it hangs/);
  assert.equal(checks.get('database')?.state, 'fail');
  assert.equal(checks.get('trial')?.reason, 'no engine answers');
  assert.equal(checks.get('disk.worker')?.state, 'ok');
});

test('orca doctor says that there is no engine, that .env is open, and that production has no key', async () => {
  await using database = await cloneDatabase();
  await using folder = await makeFolder();
  await writeFile(join(folder.path, '.env'), `POSTGRES_URL=${database.url}\nENVIRONMENT=production\n`, {
    mode: 0o644,
  });
  const examined = await runDoctor(['--role', 'orchestrator', '--json'], NO_ENGINE, folder.path);
  const checks = checksOf(examined);
  assert.equal(examined.status, 1);
  assert.match(checks.get('engine')?.mend ?? '', /apt-get install docker\.io/);
  assert.equal(checks.get('secrets.files')?.state, 'fail');
  assert.match(checks.get('secrets.keys')?.now ?? '', /There is no API key, and this is production/);
  assert.equal(checks.get('database')?.state, 'ok');
});

test('orca doctor has no database to complain of where "orca up" makes one, and wants one for a part', async () => {
  await using folder = await makeFolder();
  const data = ['--data', folder.path, '--json'];
  const whole = checksOf(await runDoctor(data, NO_ENGINE));
  assert.deepEqual([whole.get('settings')?.state, whole.get('database')?.state], ['ok', 'skipped']);
  const part = checksOf(await runDoctor(['--role', 'worker', ...data], NO_ENGINE));
  assert.deepEqual([part.get('settings')?.state, part.get('database')?.state], ['fail', 'fail']);
});

test('orca doctor refuses a URL that is none with status 2', async () => {
  const { status, stderr } = await runDoctor(['--url', 'ftp://x'], NO_ENGINE);
  assert.equal(status, 2);
  assert.match(stderr, /^Cannot use --url/);
});
