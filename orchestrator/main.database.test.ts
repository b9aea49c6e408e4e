import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runToEnd } from '@orca/daemon/testing';
import { cloneDatabase } from '@orca/database/testing';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const DEADLINE_MS = 30_000;

/** Runs `main.ts` in a folder without `.env`, with these variables and no others. */
function start(args: string[], env: Record<string, string> = {}): ChildProcess {
  const options = { env, cwd: '/', stdio: ['ignore', 'pipe', 'pipe', 'ipc'], timeout: DEADLINE_MS } as const;
  return spawn(process.execPath, [MAIN, ...args], { ...options, stdio: [...options.stdio] });
}

const run = (args: string[], env: Record<string, string> = {}) => runToEnd(MAIN, { args, env });

test('main.ts says how it is used, and ends with 2 when it is used otherwise', async () => {
  const help = await run(['--help']);
  assert.equal(help.status, 0);
  assert.match(help.stdout, /server[\s\S]*image-builder[\s\S]*start[\s\S]*migrate/);
  for (const args of [[], ['serve']]) {
    const { status, stderr } = await run(args);
    assert.equal(status, 2);
    assert.match(stderr, /^Usage: /);
  }
});

test('main.ts server --help names every setting', async () => {
  const { status, stdout } = await run(['server', '--help']);
  assert.equal(status, 0);
  for (const name of ['POSTGRES_URL', 'API_PORT', 'ORCA_ALLOW_ADDRESSES', 'ENVIRONMENT']) {
    assert.ok(stdout.includes(name), name);
  }
});

test('main.ts server tells all problems of its settings at once, without secrets, and ends with 1', async () => {
  const { status, stderr, stdout } = await run(['server'], { POSTGRES_URL: 's3cret', API_PORT: 'http' });
  assert.equal(status, 1);
  assert.match(stderr, /POSTGRES_URL/);
  assert.match(stderr, /API_PORT/);
  assert.doesNotMatch(stderr + stdout, /s3cret/);
});

test('main.ts start tells the problems of both processes once and at once, starts neither, and ends with 1', async () => {
  const { status, stderr, stdout } = await run(['start'], { API_PORT: 'http', ORCA_LOG_LEVEL: 'loud' });
  assert.equal(status, 1);
  assert.equal(stdout, '');
  for (const name of ['POSTGRES_URL', 'API_PORT', 'ORCA_LOG_LEVEL'])
    assert.equal(stderr.match(new RegExp(`(?:without|as) ${name}:`, 'g'))?.length, 1, `${name} in ${stderr}`);
});

test('main.ts server ends with 1 and a sentence when the database does not answer', async () => {
  const { status, stdout, stderr } = await run(['server'], {
    POSTGRES_URL: 'postgresql://orca:s3cret@127.0.0.1:1/orca',
    API_PORT: '0',
  });
  assert.equal(status, 1);
  assert.match(stdout + stderr, /PostgreSQL does not answer/);
  assert.doesNotMatch(stdout + stderr, /s3cret/);
});

test('main.ts server answers where it says that it listens, and stops in order on SIGTERM', async () => {
  await using database = await cloneDatabase();
  const child = start(['server'], { POSTGRES_URL: database.url, API_PORT: '0', ORCA_LOG_FORMAT: 'json' });
  assert.ok(child.stdout !== null);
  const output = text(child.stdout);
  const [message] = await once(child, 'message');
  assert.equal(message.kind, 'ready');
  assert.match(message.address, /^http:\/\/127\.0\.0\.1:\d+$/);
  const status = await fetch(`${message.address}/api/v1/status`);
  assert.deepEqual(await status.json(), { message: 'ok', numJobs: 0 });
  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  assert.equal(code, 0, await output);
  assert.doesNotMatch(await output, /"level":"(warn|error|fatal)"/);
});

test("main.ts server tells once which parameters of a URL in Prisma's format have no effect", async () => {
  await using database = await cloneDatabase();
  const parameters = 'schema=public&connection_limit=5&pool_timeout=10&sslmode=disable&colour=blue';
  const child = start(['server'], {
    POSTGRES_URL: `${database.url}?${parameters}`,
    API_PORT: '0',
    ORCA_LOG_FORMAT: 'json',
  });
  assert.ok(child.stdout !== null);
  const output = text(child.stdout);
  await once(child, 'message');
  child.kill('SIGTERM');
  await once(child, 'exit');
  const lines = (await output).split('\n').filter((line) => line.includes('parameters of POSTGRES_URL'));
  assert.equal(lines.length, 2);
  assert.match(lines[0] ?? '', /"level":"info".*\["connection_limit","pool_timeout"\]/);
  assert.match(lines[1] ?? '', /"level":"warn".*\["colour"\]/);
  assert.doesNotMatch(await output, /blue/);
});

test('main.ts server in production neither changes a schema nor starts on an old one', async () => {
  await using database = await cloneDatabase();
  const url = new URL(database.url);
  url.pathname = '/postgres'; // a database in which Orca has made nothing
  const { status, stdout } = await run(['server'], {
    POSTGRES_URL: url.href,
    API_PORT: '0',
    ENVIRONMENT: 'PRODUCTION',
  });
  assert.equal(status, 1);
  assert.match(stdout, /npm run migrate/);
});

test('main.ts migrate says that a schema is up to date', async () => {
  await using database = await cloneDatabase();
  const { status, stdout } = await run(['migrate'], { POSTGRES_URL: database.url });
  assert.equal(status, 0);
  assert.match(stdout, /up to date/);
});
