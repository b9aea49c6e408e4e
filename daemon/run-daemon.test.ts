import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const DAEMON = new URL('./index.ts', import.meta.url).href;
const DEADLINE_MS = 20_000;
const DISK_FULL = '/dev/full';

/** A program around runDaemon; `start` is the source of its start function. */
function source(start: string): string {
  return `
    import { runDaemon, defineSettings } from ${JSON.stringify(DAEMON)};
    const port = { schema: { type: 'integer', '~kind': 'Integer', minimum: 0 }, default: 1, doc: 'The port.' };
    const url = { schema: { type: 'string', '~kind': 'String' }, doc: 'The database.' };
    await runDaemon({ name: 'testling', summary: 'Tests.', settings: { PORT: port, POSTGRES_URL: url }, start: ${start} });
    process.exitCode = 7; // only --help comes back`;
}

interface Started {
  child: ChildProcess;
  output: () => string;
  /** The exit status, once it has ended. */
  ended: Promise<number | null>;
}

function startDaemon(
  start: string,
  options: { args?: string[]; env?: Record<string, string>; cwd?: string; stdout?: number } = {},
): Started {
  const args = ['--input-type=module', '-e', source(start), '--', ...(options.args ?? [])];
  const child = spawn(process.execPath, args, {
    env: { POSTGRES_URL: 'postgres://db', ...options.env },
    cwd: options.cwd ?? tmpdir(),
    stdio: ['ignore', options.stdout ?? 'pipe', 'pipe', 'ipc'],
  });
  const deadline = { signal: AbortSignal.timeout(DEADLINE_MS) };
  const chunks: Buffer[] = [];
  const streams = [child.stdout, child.stderr].filter((stream) => stream !== null);
  const streamsClosed = streams.map((stream) => {
    stream.on('data', (chunk) => chunks.push(chunk));
    return once(stream, 'close', deadline);
  });
  // Not 'close': Node does not emit it once this side has closed the IPC channel.
  const ended = Promise.all([once(child, 'exit', deadline), ...streamsClosed]).then(([[code]]) => code);
  return { child, output: () => Buffer.concat(chunks).toString(), ended };
}

async function message(daemon: Started, kind: string): Promise<Record<string, unknown>> {
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  for (;;) {
    const [received] = await once(daemon.child, 'message', { signal: deadline });
    if (received.kind === kind) return received;
  }
}

const DRAINS = `async ({ settings }) => ({ address: 'http://x:' + settings.PORT, drain: async () => console.log('drained') })`;
const WAITS_FOR_HURRY = `async () => ({ drain: (hurried) => new Promise((done) => {
  hurried.addEventListener('abort', () => { console.log('hurried'); done(); });
  process.send({ kind: 'draining' });
}) })`;

test('runDaemon() says ready with its address, drains at SIGTERM and ends with status 0', async () => {
  const daemon = startDaemon(DRAINS, { env: { PORT: '80' } });
  assert.deepEqual(await message(daemon, 'ready'), { kind: 'ready', address: 'http://x:80' });
  daemon.child.kill('SIGTERM');
  assert.equal(await daemon.ended, 0);
  assert.match(daemon.output(), /"msg":"stopping"[\s\S]*drained[\s\S]*"msg":"stopped"/);
});

test("runDaemon() takes its launcher's death for SIGTERM", async () => {
  const daemon = startDaemon(DRAINS);
  await message(daemon, 'ready');
  daemon.child.disconnect();
  assert.equal(await daemon.ended, 0);
  assert.match(daemon.output(), /the launcher is gone[\s\S]*drained/);
});

test('runDaemon() drains when its terminal goes away, however often it is told so', async () => {
  const daemon = startDaemon(`async () => ({ drain: (hurried) => new Promise((done) => {
    hurried.addEventListener('abort', () => console.log('hurried'));
    process.on('SIGHUP', () => { console.log('drained'); done(); });
    process.send({ kind: 'draining' });
  }) })`);
  await message(daemon, 'ready');
  const draining = message(daemon, 'draining');
  daemon.child.kill('SIGHUP');
  await draining;
  daemon.child.kill('SIGHUP');
  assert.equal(await daemon.ended, 0);
  assert.match(daemon.output(), /"reason":"SIGHUP"[\s\S]*drained/);
  assert.doesNotMatch(daemon.output(), /hurried/);
});

for (const [when, start, status] of [
  ['drains at SIGTERM', `async () => ({ drain: async () => console.error('drained') })`, 0],
  [
    'ends by an uncaught error',
    `async () => {
      process.on('SIGTERM', () => { throw new Error('Cannot reach the moon') });
      return { drain: () => new Promise(() => {}) };
    }`,
    1,
  ],
] as const) {
  test(`runDaemon() ${when} while its log cannot be written`, async (t) => {
    const full = openSync(DISK_FULL, 'w');
    t.after(() => closeSync(full));
    const daemon = startDaemon(start, { stdout: full });
    await message(daemon, 'ready');
    daemon.child.kill('SIGTERM');
    assert.equal(await daemon.ended, status);
    assert.equal(daemon.output(), status === 0 ? 'drained\n' : '');
  });
}

test('runDaemon() hurries the drain at the second signal', async () => {
  const daemon = startDaemon(WAITS_FOR_HURRY);
  await message(daemon, 'ready');
  const draining = message(daemon, 'draining');
  daemon.child.kill('SIGINT');
  await draining;
  daemon.child.kill('SIGTERM');
  assert.equal(await daemon.ended, 0);
  assert.match(daemon.output(), /hurried/);
});

test('runDaemon() tells all wrong settings together, in sentences, and ends with status 1', async () => {
  const daemon = startDaemon(DRAINS, { env: { PORT: 'abc', POSTGRES_URL: '' } });
  assert.equal(await daemon.ended, 1);
  assert.match(daemon.output(), /Cannot use "abc" as PORT: .*\nCannot start without POSTGRES_URL: /);
});

test('runDaemon() prints its settings for --help and starts nothing', async () => {
  const daemon = startDaemon(`async () => { throw new Error('started') }`, { args: ['server', '--help'] });
  assert.equal(await daemon.ended, 7);
  assert.match(
    daemon.output(),
    /^testling: Tests\.\n[\s\S]*ORCA_LOG_LEVEL[\s\S]*PORT {2}a whole number of at least 0; 1\n/,
  );
});

test('runDaemon() reads .env below the environment', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'orca-daemon-'));
  try {
    await writeFile(join(folder, '.env'), 'PORT=81\nORCA_LOG_LEVEL=warn\n');
    const daemon = startDaemon(DRAINS, { cwd: folder, env: { ORCA_LOG_LEVEL: 'info' } });
    assert.deepEqual(await message(daemon, 'ready'), { kind: 'ready', address: 'http://x:81' });
    daemon.child.kill('SIGTERM');
    assert.equal(await daemon.ended, 0);
    assert.match(daemon.output(), /"msg":"stopped"/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

for (const [when, start, logged] of [
  ['its start fails', `async () => { throw new Error('Cannot reach the moon') }`, /cannot start/],
  [
    'nobody catches an error',
    `async () => { setTimeout(() => { throw new Error('Cannot reach the moon') }); return { drain() {} } }`,
    /uncaught error/,
  ],
  [
    'nobody catches a rejection',
    `async () => { Promise.reject(new Error('Cannot reach the moon')); return { drain() {} } }`,
    /uncaught error/,
  ],
] as const) {
  test(`runDaemon() logs the error and ends with status 1 when ${when}`, async () => {
    const daemon = startDaemon(start);
    assert.equal(await daemon.ended, 1);
    assert.match(daemon.output(), /"message":"Cannot reach the moon"/);
    assert.match(daemon.output(), logged);
  });
}

test('runDaemon() starts nothing when the port of its metrics is taken', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  try {
    const address = taken.address();
    assert.ok(address !== null && typeof address === 'object');
    const start = `async () => { console.log('started'); return { drain: async () => {} }; }`;
    const daemon = startDaemon(start, { env: { ORCA_METRICS_PORT: String(address.port) } });
    assert.equal(await daemon.ended, 1);
    assert.match(daemon.output(), /EADDRINUSE[\s\S]*cannot start/);
    assert.doesNotMatch(daemon.output(), /started/);
  } finally {
    taken.close();
  }
});

test('runDaemon() prints its settings for --print-settings, with every problem and without secrets', async () => {
  const daemon = startDaemon(DRAINS, {
    args: ['testling', '--print-settings'],
    env: { PORT: 'x', ORCA_LOG_LEVEL: 'warn' },
  });
  assert.equal(await daemon.ended, 7);
  const { values, problems } = JSON.parse(daemon.output());
  assert.deepEqual([values.ORCA_LOG_LEVEL, values.PORT], ['warn', undefined]);
  assert.equal(problems.length, 1);
  assert.match(problems[0], /"x" as PORT/);
});

test('runDaemon() only imports with --load-only: it starts nothing, and needs no settings', async () => {
  const load = `async () => console.log('loaded')`;
  const start = `async () => { throw new Error('started'); }, load: ${load}`;
  const daemon = startDaemon(start, { args: ['', '--load-only'], env: { POSTGRES_URL: '' } });
  assert.equal(await daemon.ended, 7);
  assert.equal(daemon.output(), 'loaded\n');
});
