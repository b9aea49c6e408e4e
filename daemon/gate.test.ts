import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createGate } from './gate.ts';

const DEADLINE_MS = 20_000;

function makeFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'orca-gate-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('a gate holds the whole process until its file is gone, and says whom', async (t) => {
  const folder = makeFolder(t);
  writeFileSync(join(folder, 'closed'), '');
  const gate = new URL('./gate.ts', import.meta.url).href;
  const source = `
    import { createGate } from ${JSON.stringify(gate)};
    const gate = createGate(${JSON.stringify(folder)});
    gate('open');
    setTimeout(() => console.log('late'), 1);
    gate('closed');
    console.log('through');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  const reached = join(folder, 'closed.reached');
  const deadline = performance.now() + DEADLINE_MS;
  while (!existsSync(reached) || readFileSync(reached, 'utf8') === '') {
    assert.ok(performance.now() < deadline, 'it has not come to the gate');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.equal(readFileSync(reached, 'utf8'), String(child.pid));
  assert.equal(output, '');
  rmSync(join(folder, 'closed'));
  await once(child, 'exit');
  assert.equal(output, 'through\nlate\n');
});

test('without a folder there are no gates', () => {
  createGate(null)('closed');
});
