import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { keepRunning } from './keep-running.ts';
import { sleep } from './sleep.ts';

const folder = mkdtempSync(join(tmpdir(), 'orca-keep-'));
after(() => rmSync(folder, { recursive: true }));
const program = join(folder, 'program.mjs');
writeFileSync(
  program,
  `process.send({ kind: 'ready', address: 'http://127.0.0.1:' + (process.env.PORT || 7) }); setInterval(() => {}, 1000);`,
);

const never = new AbortController().signal;
const PATIENCE_MS = 10_000;

test('keepRunning() starts a process again that died, where it was, and says so', async () => {
  const said: string[] = [];
  const pids: number[] = [];
  const twice = Promise.withResolvers<void>();
  const ports: string[] = [];
  const kept = await keepRunning(
    (address) => {
      ports.push(address);
      const env = { PORT: address === '' ? '8' : new URL(address).port };
      return { name: 'the server', program: [program], env, output: 'inherit' };
    },
    {
      say: (line) => said.push(line),
      onStarted: async (_name, pid) => {
        pids.push(pid);
        if (pids.length === 2) twice.resolve();
      },
    },
    never,
  );
  const [first] = pids;
  assert.ok(first);
  process.kill(first, 'SIGKILL');
  await twice.promise;
  assert.notEqual(pids[1], first);
  assert.equal(kept.address, 'http://127.0.0.1:8');
  assert.equal(ports.at(-1), 'http://127.0.0.1:8');
  assert.match(said[0] ?? '', /^the server has ended \(SIGKILL\); starting it again in \d\.\d s$/);
  await kept.stop(PATIENCE_MS, never);
  assert.equal(pids.length, 2);
  assert.equal(said.length, 1, 'the end that was asked for is no news');
});

test('keepRunning() stops while it waits to start a dead process again', async () => {
  const said = Promise.withResolvers<string>();
  const pids: number[] = [];
  const kept = await keepRunning(
    () => ({ name: 'worker 1', program: [program], env: {}, output: 'inherit' }),
    { say: said.resolve, onStarted: async (_name, pid) => void pids.push(pid) },
    never,
  );
  process.kill(pids[0] ?? Number.NaN, 'SIGKILL');
  await said.promise;
  await kept.stop(PATIENCE_MS, never);
  assert.equal(pids.length, 1);
});

test('keepRunning() goes on when it cannot be written down what it has started', async () => {
  const said: string[] = [];
  const pids: number[] = [];
  const thrice = Promise.withResolvers<void>();
  const kept = await keepRunning(
    () => ({ name: 'worker 1', program: [program], env: {}, output: 'inherit' }),
    {
      say: (line) => said.push(line),
      onStarted: async (_name, pid) => {
        pids.push(pid);
        if (pids.length === 3) thrice.resolve();
        else throw new Error('no space left on device');
      },
    },
    never,
  );
  process.kill(pids[0] ?? Number.NaN, 'SIGKILL');
  while (pids.length < 2) await sleep(10);
  process.kill(pids[1] ?? Number.NaN, 'SIGKILL');
  await thrice.promise;
  await kept.stop(PATIENCE_MS, never);
  const notes = said.filter((line) => !line.includes('starting it again'));
  const note = 'worker 1 runs, but this could not be written down: no space left on device';
  assert.deepEqual(notes, [note, note]);
});

test('keepRunning() gives up when the first start fails', async () => {
  const missing = join(folder, 'missing.mjs');
  writeFileSync(missing, 'process.exit(1)');
  await assert.rejects(
    keepRunning(
      () => ({ name: 'worker 1', program: [missing], env: {}, output: 'inherit' }),
      { say: assert.fail, onStarted: assert.fail },
      never,
    ),
    /Cannot start worker 1/,
  );
});
