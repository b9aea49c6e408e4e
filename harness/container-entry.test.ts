import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '..');

const KILL_ALL = /\bkill\(\s*-1\b/;

test('container-entry.ts refuses to start outside of a container', () => {
  const entry = join(import.meta.dirname, 'container-entry.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [entry], { input: '', encoding: 'utf8' });
  assert.equal(status, 1);
  assert.equal(stdout, '', 'it does not say that it is ready');
  assert.match(stderr, /Cannot start the harness: its parent is \d+/);
});

test('container-entry.ts holds the only kill(-1) of the repository, and nothing imports it', () => {
  const files = globSync('*/**/*.ts', {
    cwd: ROOT,
    exclude: (path) => /(^|\/)(node_modules|\.orca)$/.test(path),
  });
  assert.ok(files.length > 100, `only ${files.length} files were found`);
  // Tests speak of it, and do not do it.
  const code = files
    .filter((path) => !path.endsWith('.test.ts'))
    .map((path) => ({ path, text: withoutComments(readFileSync(join(ROOT, path), 'utf8')) }));
  const killers = code.filter(({ text }) => KILL_ALL.test(text)).map(({ path }) => path);
  assert.deepEqual(killers, ['harness/container-entry.ts']);
  const importers = code.filter(({ text }) => /(from|import)\s*\(?['"][^'"]*container-entry/.test(text));
  assert.deepEqual(
    importers.map(({ path }) => path),
    [],
  );
});

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}
