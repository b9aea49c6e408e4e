import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';

const MODULE = new URL('./run-tests.ts', import.meta.url).href;

/** Runs test files in a process of its own, since node:test runs no tests within tests. */
async function runIn(t: TestContext, files: Record<string, string>, limits = {}): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), 'orca-run-'));
  t.after(() => rm(folder, { recursive: true }));
  for (const [name, source] of Object.entries(files))
    await writeFile(join(folder, name), `import test from 'node:test';\n${source}`);
  const test = { folder, files: Object.keys(files), concurrency: 2, ...limits };
  const source = `
    import { runTests } from ${JSON.stringify(MODULE)};
    const reports = [];
    await runTests(${JSON.stringify(test)}, (report) => reports.push(report), new AbortController().signal);
    const facts = reports.map(({ file, passed, failed, skipped, failures, output }) =>
      ({ file, passed, failed, skipped, output, failures: failures.map(({ name, error }) => [name, String(error.cause)]) }));
    console.log(JSON.stringify(facts.sort((one, other) => one.file.localeCompare(other.file))));`;
  // From a file: what stands on node's command line is handed on to the files that run() starts.
  const driver = join(folder, 'driver.mjs');
  await writeFile(driver, source);
  const child = spawn(process.execPath, [driver], {
    env: {},
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [facts] = await Promise.all([json(child.stdout), once(child, 'exit')]);
  return facts;
}

test('runTests() counts what passes, fails and crashes, and keeps what failing files wrote', async (t) => {
  const facts = await runIn(t, {
    'bad.test.mjs': `test('outer', async (t) => { await t.test('inner', () => { throw new Error('no') }) }); console.log('hi');`,
    'crash.test.mjs': `throw new Error('boom');`,
    'good.test.mjs': `test('one', () => {}); test('two', { skip: true }, () => {});`,
  });
  assert.ok(Array.isArray(facts));
  const [bad, crash, good, ...more] = facts;
  assert.deepEqual(more, []);
  assert.deepEqual(bad, {
    file: 'bad.test.mjs',
    passed: 0,
    failed: 2,
    skipped: 0,
    output: 'hi\n',
    failures: [
      ['inner', 'Error: no'],
      ['outer', '1 subtest failed'],
    ],
  });
  assert.deepEqual([crash.file, crash.passed, crash.failed], ['crash.test.mjs', 0, 1]);
  assert.match(crash.output, /Error: boom/);
  assert.deepEqual([good.file, good.passed, good.failed, good.skipped], ['good.test.mjs', 1, 0, 1]);
});

test('runTests() ends a file that hangs, or leaves something open, says what, and goes on with the others', async (t) => {
  const files = {
    'good.test.mjs': `test('one', () => {});`,
    'hangs.test.mjs': `test('never', () => new Promise(() => setInterval(() => {}, 1_000)));`,
    'open.test.mjs': `import net from 'node:net'; net.createServer().listen(0); test('two', () => {});`,
  };
  const facts = await runIn(t, files, { fileMsMax: 5_000 });
  assert.ok(Array.isArray(facts));
  const [good, hangs, open] = facts;
  assert.deepEqual([good.passed, good.failed], [1, 0]);
  assert.deepEqual([hangs.passed, hangs.failed], [0, 1]);
  assert.match(hangs.output, /still ran after 5 s\. Open: .*Timeout/);
  assert.ok(open.failed >= 1);
  assert.match(open.output, /still ran after 5 s\. Open: .*TCPServerWrap/);
});
