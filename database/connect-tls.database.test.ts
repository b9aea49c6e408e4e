import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, chown, copyFile, mkdtemp, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { connectDatabase } from './connect.ts';
import { DatabaseError } from './database-error.ts';
import { removePostgres, startPostgres } from './embedded/index.ts';

const OTHERS_MAY_ENTER = 0o755;
const OWNER_ONLY = 0o600;
const DEADLINE_MS = 30_000;
const POLL_MS = 50;

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const skip = hasOpenssl
  ? false
  : 'there is no openssl on this machine to make a certificate with: TLS was NOT tried';

/** Makes a certificate for 127.0.0.1 that nobody has signed but itself, for the server of this cluster. */
async function giveCertificate(cluster: string): Promise<void> {
  const key = path.join(cluster, 'server.key');
  const certificate = path.join(cluster, 'server.crt');
  const names = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const files = ['-keyout', key, '-out', certificate];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...names, ...files],
    {
      stdio: 'ignore',
    },
  );
  const { uid, gid } = await stat(cluster);
  for (const file of [key, certificate]) await chown(file, uid, gid);
  await chmod(key, OWNER_ONLY);
}

async function turnTlsOn(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('alter system set ssl = on');
    await client.query('select pg_reload_conf()');
  } finally {
    await client.end();
  }
  const deadline = performance.now() + DEADLINE_MS;
  while (!(await usesTls(`${url}?sslmode=no-verify`).catch(() => false))) {
    assert.ok(performance.now() < deadline, 'the server speaks TLS');
    await delay(POLL_MS);
  }
}

async function usesTls(url: string): Promise<boolean> {
  await using db = await connectDatabase({ url, applicationName: 'test' });
  const text = 'select ssl from pg_stat_ssl where pid = pg_backend_pid()';
  const [row] = await db.query<{ ssl: boolean }>({ name: 'uses_tls', text, writes: false });
  return row?.ssl ?? false;
}

async function startTlsServer(t: TestContext): Promise<{ url: string; authority: string }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'orca-tls-'));
  await chmod(folder, OTHERS_MAY_ENTER);
  const dataDir = path.join(folder, 'postgres');
  const server = await startPostgres({ dataDir, log: () => undefined, durable: false });
  t.after(async () => {
    await server.stop();
    await removePostgres(dataDir);
    await rm(folder, { recursive: true });
  });
  const cluster = path.join(dataDir, 'cluster');
  const authority = path.join(folder, 'ca.pem');
  await giveCertificate(cluster);
  await copyFile(path.join(cluster, 'server.crt'), authority);
  await turnTlsOn(server.url);
  return { url: server.url, authority };
}

test('connectDatabase() speaks TLS as sslmode says, with a certificate that is trusted', {
  skip,
}, async (t) => {
  const { url, authority } = await startTlsServer(t);
  const asks = (parameters: string) => usesTls(`${url}?${parameters}`);
  assert.equal(await asks('sslmode=disable'), false);
  for (const parameters of [
    'sslmode=no-verify',
    'sslmode=require&sslaccept=accept_invalid_certs',
    'uselibpqcompat=true&sslmode=require',
    `sslmode=require&sslcert=${authority}`,
    `sslmode=verify-full&sslrootcert=${authority}`,
  ])
    assert.equal(await asks(parameters), true, parameters);
  for (const parameters of ['sslmode=require', 'sslmode=verify-ca', 'sslmode=require&sslaccept=strict'])
    await assert.rejects(asks(parameters), (error: unknown) => {
      assert.ok(error instanceof DatabaseError && error.cause instanceof Error);
      assert.ok('code' in error.cause && error.cause.code === 'DEPTH_ZERO_SELF_SIGNED_CERT', parameters);
      return true;
    });
});
