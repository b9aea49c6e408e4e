import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { wrapCommand } from './command-wrapper.ts';

const PATH = '/usr/local/bin:/usr/bin:/bin';
/** Variables that are none to a shell, some of which must not be taken for anything else. */
const NO_SHELL_NAMES = {
  ...{ 'a.b': '1', 'C-D': '2', '-i': 'option', '--': '', '1': 'digit', ü: 'ß', 'two words': 'x' },
  ...{ '$(id)': `$(id) \`id\` "'\\ $1\n;exit 3`, '%s': '%s=\\n' },
};

function run(
  cmd: string | string[],
  {
    env = {},
    isImageProgram = false,
    folder = '/',
  }: Partial<{ env: Record<string, string>; isImageProgram: boolean; folder: string }>,
) {
  const { file, args, options } = wrapCommand(cmd, folder, {
    plan: { env: { PATH, ...env }, home: { path: '/', template: null } },
    user: null,
    isImageProgram: () => isImageProgram,
  });
  const { status, stdout, stderr } = spawnSync(file, args, { ...options, encoding: 'utf8' });
  return { args, status, stdout, stderr };
}

test('wrapCommand() gives a program all variables, whatever they are called', () => {
  for (const isImageProgram of [false, true]) {
    const { status, stdout, stderr } = run(['env', '-0'], { env: NO_SHELL_NAMES, isImageProgram });
    assert.deepEqual([status, stderr], [0, '']);
    const expected = Object.entries({ PATH, ...NO_SHELL_NAMES }).map(([name, value]) => `${name}=${value}`);
    assert.deepEqual(stdout.split('\0').slice(0, -1).sort(), expected.sort());
  }
  const { args } = run(['env'], { env: { a_b: '1' } });
  assert.deepEqual(args.slice(2), ['sh', '/', 'env'], 'nothing in between without such names');
});

test('wrapCommand() ends as a shell does where a program cannot be started, with such variables, too', () => {
  using stack = new DisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'orca-wrapper-'));
  stack.defer(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'no-first-line'), 'echo no\n', { mode: 0o755 });
  writeFileSync(join(folder, 'a=b'), '#!/bin/sh\nprintf %s "$1"\n', { mode: 0o755 });
  for (const env of [{}, NO_SHELL_NAMES]) {
    const rows: [program: string, status: number, stderr: RegExp][] = [
      ['no-such-program', 127, /no-such-program/],
      ['/no/such/program', 127, /\/no\/such\/program/],
      ['/etc/passwd', 126, /\/etc\/passwd/],
      ['./no-first-line', 126, /\.\/no-first-line: exec format error/],
      ['cd', 127, /cd/],
    ];
    for (const [program, status, stderr] of rows) {
      const ended = run([program, 'a.b=3'], { env, folder });
      assert.deepEqual([ended.status, ended.stdout], [status, ''], program);
      assert.match(ended.stderr, stderr);
    }
    const named = run(['./a=b', 'given'], { env, folder });
    assert.deepEqual([named.status, named.stdout, named.stderr], [0, 'given', '']);
  }
});
