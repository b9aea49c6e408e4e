import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';

const MAIN = join(import.meta.dirname, '../main.ts');
const DEADLINE_MS = 60_000;

/** A folder with files, gone after the test. */
function makeFolder(context: TestContext, files: Record<string, unknown>): string {
  const folder = mkdtempSync(join(tmpdir(), 'orca-test-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return folder;
}

function grade(
  args: readonly string[],
  options: { input?: string; env?: Record<string, string> } = {},
): { status: number | null; stdout: string; stderr: string } {
  const env = { PATH: '/usr/bin:/bin', ...options.env };
  const { input = '' } = options;
  return spawnSync(process.execPath, [MAIN, 'grade', ...args, '--no-container'], {
    encoding: 'utf8',
    input,
    env,
    cwd: tmpdir(),
  });
}

test('orca grade --no-container grades a job with local files and a folder that is packed', (context) => {
  const folder = makeFolder(context, {
    'job.json': {
      key: 'mine',
      files: { tests: { url: 'file:tests.tar.gz' }, submission: { url: 'file:sub/hello.txt' } },
      script: [
        { cmd: 'ls $DOWNLOADED/tests $EXTRACTED/tests; echo working >&2' },
        { cmd: ['cat', '$EXTRACTED/submission/hello.txt'], on_complete: 'output' },
      ],
    },
    'tests/one.py': '1',
    'sub/hello.txt': 'hello\n',
  });
  const { status, stdout, stderr } = grade([join(folder, 'job.json')]);
  assert.equal(status, 0, stderr);
  const result = JSON.parse(stdout);
  assert.equal(stdout, `${JSON.stringify(result)}\n`, 'byte for byte where it is no terminal');
  assert.equal(result.key, 'mine');
  assert.equal(result.output, 'hello');
  assert.match(result.shell_responses[0].stdout, /tests\.tar\.gz\n\n.*:\none\.py$/);
  assert.match(stderr, /^Warning: Jobs run without a container/);
  assert.match(stderr, /\n▶ 1 .*\n│ .*[\s\S]*│ working\n✓ done after [\d.]+ s\n▶ 2 {2}cat /);
  assert.match(stderr, /\nGraded\n$/);
});

test('orca grade has status 1 where the script ends without output, and says so', () => {
  const { status, stdout, stderr } = grade(['-'], { input: '[{"cmd":"exit 4"}]' });
  assert.equal(status, 1);
  assert.equal(JSON.parse(stdout).shell_responses[0].status_code, 4);
  assert.match(stderr, /✗ status 4[\s\S]*Not graded: the script was aborted/);
});

test('orca grade has status 1 and a result for a file that is not there', (context) => {
  const folder = makeFolder(context, {
    'job.json': { files: { x: { url: 'file:x.txt' } }, script: [{ cmd: 'true', on_complete: 'output' }] },
  });
  const { status, stdout } = grade([join(folder, 'job.json')]);
  assert.equal(status, 1);
  assert.deepEqual(JSON.parse(stdout).error_codes, ['FileFetchFailed']);
});

test('orca grade has status 2 for a job that is not valid, before it sets up anything', () => {
  const { status, stdout, stderr } = grade(['-', '--json'], { input: '[{"cmd":"a","on_fail":"b"}]' });
  assert.equal(status, 2);
  assert.match(
    stderr,
    /^standard input: this job is not valid\n {2}script\[0\]\.on_fail: no command is labelled "b"\n$/,
  );
  assert.deepEqual(Object.keys(JSON.parse(stdout)), ['errors']);
  assert.match(grade(['-'], { input: '{' }).stderr, /^standard input:1:2: this is no JSON/);
  assert.equal(grade(['/no/such/job.json']).status, 2);
  assert.equal(grade(['-', '--watch']).status, 2);
});

test('orca grade --no-container refuses production', () => {
  const { status, stderr } = grade(['-'], { input: '[{"cmd":"true"}]', env: { ENVIRONMENT: 'production' } });
  assert.equal(status, 1);
  assert.match(stderr, /Cannot run jobs without containers: ENVIRONMENT is "production"/);
});

test('orca grade --watch grades again when a local file or the job changes, and goes on after a mistake', async (context) => {
  const absolute = makeFolder(context, { 'input.txt': 'first' });
  const url = pathToFileURL(join(absolute, 'input.txt')).href;
  const job = { files: { x: { url } }, script: [{ cmd: 'cat $EXTRACTED/x/*', on_complete: 'output' }] };
  const folder = makeFolder(context, { 'job.json': job });
  const path = join(folder, 'job.json');
  const child = spawn(process.execPath, [MAIN, 'grade', path, '--watch', '--no-container'], {
    env: { PATH: '/usr/bin:/bin' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  context.after(() => child.kill('SIGKILL'));
  const results = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  // An iterator keeps the lines that come together; a listener that is set again for each would miss the second.
  const says = createInterface({ input: child.stderr })[Symbol.asyncIterator]();
  const deadline = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS);
  context.after(() => clearTimeout(deadline));
  const watching = async (): Promise<void> => {
    for (;;) {
      const { value, done } = await says.next();
      assert.notEqual(done, true, 'it has ended, or was too slow');
      if (value?.startsWith('Watching')) return;
    }
  };
  const outputOf = async (): Promise<string> => JSON.parse((await results.next()).value ?? '{}').output;

  assert.equal(await outputOf(), 'first');
  await watching();
  writeFileSync(join(absolute, 'input.txt'), 'second');
  assert.equal(await outputOf(), 'second');
  await watching();
  writeFileSync(path, '{');
  await watching();
  writeFileSync(path, JSON.stringify({ ...job, script: [{ cmd: 'echo third', on_complete: 'output' }] }));
  assert.equal(await outputOf(), 'third');
  child.kill('SIGINT');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});
