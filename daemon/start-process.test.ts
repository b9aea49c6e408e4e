import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startProcess } from './start-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'orca-start-'));
after(() => rmSync(folder, { recursive: true }));

const never = new AbortController().signal;
const PATIENCE_MS = 10_000;

/** Writes a program and starts it. */
async function start(name: string, source: string, signal = never) {
  const file = join(folder, `${name}.mjs`);
  writeFileSync(file, source);
  const log = await open(join(folder, `${name}.log`), 'w');
  const spec = { name, program: [file, 'argument'], env: { GREETING: 'hello' }, output: log.fd } as const;
  return startProcess(spec, signal).finally(() => log.close());
}

const logOf = (name: string): string => readFileSync(join(folder, `${name}.log`), 'utf8');

const READY = `process.send({ kind: 'ready', address: 'http://127.0.0.1:7' }); setInterval(() => {}, 1000);`;

test('startProcess() waits until it is ready, with its arguments, environment and log', async () => {
  const running = await start('good', `console.log(process.argv[2], process.env.GREETING); ${READY}`);
  assert.equal(running.address, 'http://127.0.0.1:7');
  assert.equal(logOf('good'), 'argument hello\n');
  await running.stop(PATIENCE_MS, never);
});

test('startProcess() starts it in a session of its own, which no Ctrl-C of a terminal reaches', async () => {
  const running = await start('session', READY);
  const stat = readFileSync(`/proc/${running.pid}/stat`, 'utf8');
  const session = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3];
  assert.equal(session, String(running.pid));
  await running.stop(PATIENCE_MS, never);
});

test('startProcess() tells how a program ended that was never ready', async () => {
  await assert.rejects(start('bad', 'process.exit(3)'), {
    name: 'ProcessStartError',
    message: 'Cannot start bad: it ended with status 3, see its log',
  });
});

test('startProcess() says so when the system cannot start another process', () => {
  const source = `
    import { openSync, closeSync } from 'node:fs';
    import { startProcess } from ${JSON.stringify(new URL('./start-process.ts', import.meta.url).href)};
    const taken = [];
    try { for (;;) taken.push(openSync('/dev/null')); } catch {}
    const spec = { name: 'worker 1', program: ['x.mjs'], env: {}, output: 'inherit' };
    const starting = startProcess(spec, new AbortController().signal);
    for (const descriptor of taken) closeSync(descriptor);
    console.log(await starting.catch((error) => error.name + ': ' + error.message));`;
  const limited = `ulimit -n 64; exec "$0" --input-type=module -e "$1"`;
  const told = execFileSync('/bin/sh', ['-c', limited, process.execPath, source], { encoding: 'utf8' });
  assert.match(told, /^ProcessStartError: Cannot start worker 1: it ended with spawn .*EMFILE/);
});

test('startProcess() kills a program that is called off before it was ready, and throws the reason', async () => {
  const controller = new AbortController();
  const reason = new Error('called off');
  const starting = start('slow', 'setInterval(() => {}, 1000)', controller.signal);
  controller.abort(reason);
  await assert.rejects(starting, reason);
});

test('stop() asks once, and again when it is hurried', async () => {
  const running = await start(
    'stubborn',
    `let asked = 0;
     process.on('SIGTERM', () => { asked += 1; console.log('asked', asked); if (asked === 2) process.exit(0); });
     ${READY}`,
  );
  const hurried = new AbortController();
  const stopped = running.stop(PATIENCE_MS, hurried.signal);
  hurried.abort();
  await stopped;
  assert.equal(await running.ended, 'status 0');
  assert.equal(logOf('stubborn'), 'asked 1\nasked 2\n');
});

test('stop() kills a process that does not end in time', async () => {
  const running = await start('deaf', `process.on('SIGTERM', () => {}); ${READY}`);
  await running.stop(100, never);
  assert.equal(await running.ended, 'SIGKILL');
});
