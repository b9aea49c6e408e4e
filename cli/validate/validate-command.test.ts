import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

const MAIN = join(import.meta.dirname, '../main.ts');

/** Calls `orca validate` with the JSON on its standard input. */
function validate(
  input: unknown,
  ...args: string[]
): { status: number | null; stdout: string; stderr: string } {
  const text = typeof input === 'string' ? input : JSON.stringify(input);
  return spawnSync(process.execPath, [MAIN, 'validate', ...args], { input: text, encoding: 'utf8' });
}

const SCRIPT = [{ cmd: 'make', on_complete: 'output' }, { cmd: 'lost' }];

const JOB = {
  key: 'k',
  collation: { type: 'user', id: 'ada' },
  metadata_table: {},
  files: {},
  priority: 0,
  script: SCRIPT,
  response_url: 'http://course.example.edu/r',
  grader_image_sha: 'a1'.repeat(32),
  limits: { wall_seconds: 9_000 },
};

test('orca validate warns of what never runs and of limits that are lowered, and draws', () => {
  const { status, stdout, stderr } = validate(JOB, '-');
  assert.equal(status, 0);
  assert.match(stderr, /^standard input: this job is valid\n/);
  assert.match(stderr, /warning limits\.wall_seconds: lowered from 9000 to 600/);
  assert.match(stderr, /warning script\[1\]: no other command leads here, it never runs/);
  assert.match(stdout, /^┌─ 1 ─+ script\[0\] ─┐\n│ \$ make /);
});

test('orca validate writes nothing but the picture to standard output', () => {
  assert.match(
    validate(SCRIPT, '-', '--format', 'mermaid').stdout,
    /^flowchart TD\n {2}s1\["1<br\/>make"\]\n/,
  );
  assert.match(validate(SCRIPT, '-', '--format', 'dot').stdout, /^digraph script \{\n[\s\S]*\n\}\n$/);
});

test('orca validate says what is wrong by JSON path, with status 1', () => {
  const { status, stdout, stderr } = validate(
    { ...JOB, script: [{ cmd: 'a', on_fail: 'tets', label: 'test' }] },
    '-',
  );
  assert.equal(status, 1);
  assert.equal(stdout, '');
  assert.match(
    stderr,
    /this job is not valid\n {2}script\[0\]\.on_fail: no command is labelled "tets"; did you mean "test"\?/,
  );
});

test('orca validate says by line and column where JSON ends to be JSON, with status 1', () => {
  const { status, stderr } = validate('{\n  "key": "k",\n}', '-');
  assert.equal(status, 1);
  assert.equal(stderr, 'standard input:3:1: this is no JSON, no comma may stand before "}"\n');
});

test('orca validate --json says all of it to a program', () => {
  const valid = JSON.parse(validate(SCRIPT, '-', '--json').stdout);
  assert.deepEqual([valid.valid, valid.what, valid.errors, valid.warnings.length], [true, 'script', [], 1]);
  assert.deepEqual(valid.steps[0], {
    number: 1,
    path: 'script[0]',
    label: null,
    kind: 'command',
    is_reached: true,
    edges: { on_complete: 'output', on_fail: 'abort' },
  });
  const invalid = validate([], '-', '--json');
  assert.equal(invalid.status, 1);
  assert.deepEqual(Object.keys(JSON.parse(invalid.stdout)), ['valid', 'what', 'errors', 'warnings']);
  assert.equal(JSON.parse(validate('{', '-', '--json').stdout).valid, false);
});

test('orca validate has status 2 for wrong usage and for a file that cannot be read', () => {
  assert.equal(validate('').status, 2);
  assert.equal(validate('', '-', '--format', 'svg').status, 2);
  const { status, stderr } = validate('', '/no/such/file');
  assert.equal(status, 2);
  assert.equal(stderr, 'Cannot read "/no/such/file": there is no such file\n');
  assert.match(validate('', import.meta.dirname).stderr, /it is a folder/);
});

test('orca validate lets no text of the input move the cursor', () => {
  const { stderr } = validate({ ...JOB, '\u001b[2Jx': 1 }, '-');
  assert.doesNotMatch(stderr, /\u001b/);
});

test('orca validate --at-home takes local files and what orca grade fills in; without it they are errors', () => {
  const job = { files: { tests: { url: 'file:tests.zip' } }, script: SCRIPT };
  const home = validate(job, '-', '--at-home', '--json');
  assert.equal(home.status, 0, home.stdout);
  assert.equal(JSON.parse(home.stdout).valid, true);
  assert.equal(validate(job, '-', '--json').status, 1);
  const wrong = validate({ ...job, script: [] }, '-', '--at-home', '--json');
  assert.equal(wrong.status, 1);
  assert.match(JSON.parse(wrong.stdout).errors[0], /^script/);
});
