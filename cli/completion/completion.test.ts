import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { COMMANDS, createProgram } from '../program.ts';
import { REPOSITORY } from '../repository.ts';
import { describeProgram } from './describe-program.ts';
import { withChildren } from './offer.ts';
import type { Shell } from './register.ts';

const MAIN = join(REPOSITORY.root, 'cli/main.ts');
const DEADLINE_MS = 30_000;

/** What is typed, word by word, the last one not to its end; and all that has to be offered then. */
const LINES: readonly (readonly [typed: readonly string[], offered: readonly string[]])[] = [
  [['v'], ['validate']],
  [
    ['images', ''],
    ['build', 'show'],
  ],
  [['images', 'show', '--k'], ['--key']],
  [['images', '--key', 'show', 'bu'], ['build']],
  [
    ['validate', '--format', ''],
    ['boxes', 'dot', 'mermaid'],
  ],
  [['validate', '--format', 'm'], ['mermaid']],
  [
    ['validate', 'jo'],
    ['job with blanks.json', 'job.json'],
  ],
  [['up', '--data', 'fo'], ['folder']],
  [['up', '--port', ''], []],
  [['doctor', '--role', 'w'], ['worker']],
  [['demo', 'python-u'], ['python-unittest']],
  [['keys', 'create', '--role', 'st'], ['staff']],
  [['keys', 'secrets', 'r'], ['rotate']],
  [
    ['completion', ''],
    ['bash', 'fish', 'zsh'],
  ],
];

async function scriptFor(shell: Shell): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, 'completion', shell], {
    cwd: '/',
    env: {},
  });
  return stdout;
}

/** A folder with files to offer, and the script. */
async function makeFolder(t: TestContext, script: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'orca-completion-'));
  t.after(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'folder'));
  for (const name of ['job.json', 'job with blanks.json']) await writeFile(join(folder, name), '');
  await writeFile(join(folder, 'script'), script);
  return folder;
}

/** Runs a program of the shell in the folder. Returns the lines that it prints, in order. */
function runShell(shell: Shell, folder: string, program: string, words: readonly string[]): string[] {
  const args = { bash: ['--norc', '--noprofile'], zsh: ['-f'], fish: ['--no-config'] }[shell];
  const operands = shell === 'fish' ? words : ['-', ...words];
  const run = spawnSync(shell, [...args, '-c', program, ...operands], {
    cwd: folder,
    encoding: 'utf8',
    timeout: DEADLINE_MS,
    env: { HOME: folder, PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C.UTF-8' },
  });
  assert.equal(run.stderr, '', `${shell}: ${words.join(' ')}`);
  return run.stdout
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}

const PROGRAMS = {
  bash: `source ./script
complete -p orca > /dev/null || exit 1
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _orca; printf '%s\\n' "\${COMPREPLY[@]}"`,
  // What zsh offers goes to its line editor: these stand for it, and print.
  zsh: `compdef() { [[ "$*" == '_orca orca' ]] || exit 1 }
source ./script
show() { local word; for word in "$@"; do [[ $word == "\${words[CURRENT]}"* ]] && print -r -- "$word"; done; true }
compadd() { shift; show "$@" }
_files() { if [[ "$1" == -/ ]]; then show *(/N); else show *(N); fi }
_describe() { show "\${(@)\${(@P)2}%%:*}" }
words=("$@"); CURRENT=$#; _orca`,
  fish: `source ./script; complete -C (string join ' ' -- $argv) | string replace -r '\\t.*' '' | string trim -r -c /`,
} as const satisfies Record<Shell, string>;

for (const shell of ['bash', 'zsh', 'fish'] as const) {
  const isThere = spawnSync(shell, ['--version']).status === 0;
  const options = isThere
    ? {}
    : { skip: `there is no ${shell} on this machine: its completion was not tried` };
  test(
    `orca completion ${shell} offers commands, options, choices and files in a real ${shell}`,
    options,
    async (t) => {
      const folder = await makeFolder(t, await scriptFor(shell));
      for (const [typed, offered] of LINES)
        assert.deepEqual(
          runShell(shell, folder, PROGRAMS[shell], ['orca', ...typed]),
          offered,
          `orca ${typed.join(' ')}`,
        );
    },
  );
}

test('orca completion bash knows "--option=value", and "./orca" as well', async (t) => {
  const folder = await makeFolder(t, await scriptFor('bash'));
  const ask = (...words: string[]): string[] => runShell('bash', folder, PROGRAMS.bash, words);
  assert.deepEqual(ask('./orca', 'validate', '--format', '=', 'd'), ['dot']);
  assert.deepEqual(ask('./orca', 'validate', '--format', '='), ['boxes', 'dot', 'mermaid']);
  assert.deepEqual(ask('orca', 'images', '--key', '=', 'build', 'sh'), ['show']);
});

test('describeProgram() has every option and command of the program', () => {
  const program = createProgram(COMMANDS, () => undefined);
  const described = new Map(withChildren(describeProgram(program)).map((one) => [one.path, one]));
  for (const command of program.commands)
    for (const option of command.options) {
      const flags = described.get(`orca ${command.name()}`)?.options.map(({ flag }) => flag) ?? [];
      assert.ok(flags.includes(option.long ?? ''), `${command.name()} ${option.long}`);
    }
  assert.ok(described.has('orca images build'));
});

test('describeProgram() offers for keys what the help of the orchestrator tells, and nothing else', async () => {
  const keys = withChildren(describeProgram(createProgram(COMMANDS, () => undefined))).filter(({ path }) =>
    path.startsWith('orca keys '),
  );
  assert.equal(keys.length, 5);
  for (const { name, options } of keys) {
    const args = [REPOSITORY.orchestrator, 'keys', name, '--help'];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: '/', env: {} });
    const told = new Set([...stdout.matchAll(/^ {2}(--[a-z-]+)/gm)].map((match) => match[1]));
    // "--data" is read by this program, and "--help" goes without saying.
    const own = options.map(({ flag }) => flag).filter((flag) => flag !== '--data' && flag !== '--help');
    assert.deepEqual(own.toSorted(), [...told].toSorted(), name);
  }
});
