import assert from 'node:assert/strict';
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

const ROOT = path.resolve(import.meta.dirname, '../..');
const IGNORED = ['node_modules', '.git', '.orca'];
const PAGES = globSync('**/*.md', { cwd: ROOT, exclude: (name) => IGNORED.includes(path.basename(name)) });
/** Pages that say which file does or shows something. */
const MAPS = ['ARCHITECTURE.md', 'docs/security.md', 'docs/reliability.md'];
const ROOMS = new Set(readdirSync(ROOT));

/** Targets of links to files, as paths from the root. */
function* linksOf(page: string): Generator<string> {
  for (const [, target = ''] of readFileSync(path.join(ROOT, page), 'utf8').matchAll(
    /\]\(([^)\s#]+)[^)]*\)/g,
  ))
    if (!/^[a-z]+:/.test(target)) yield path.join(path.dirname(page), target);
}

/** What stands in backquotes and begins with the name of a room. */
function* pathsOf(page: string): Generator<string> {
  for (const [, text = ''] of readFileSync(path.join(ROOT, page), 'utf8').matchAll(
    /`([\w./*{},-]+\/[\w./*{},-]*)`/g,
  ))
    if (ROOMS.has(text.split('/')[0] ?? '')) yield text;
}

/** A test's file may be named without its ending. */
function isThere(text: string): boolean {
  return (
    existsSync(path.join(ROOT, text)) ||
    globSync([text, `${text}.ts`, `${text}.*test.ts`, `${text}.test.ts`], { cwd: ROOT }).length > 0
  );
}

test('every link of every page to a file leads to one', () => {
  assert.ok(PAGES.length > 20);
  const broken = PAGES.flatMap((page) =>
    [...linksOf(page)]
      .filter((target) => !existsSync(path.join(ROOT, target)))
      .map((target) => `${page}: ${target}`),
  );
  assert.deepEqual(broken, []);
});

test('every file that the maps of the system name is there', () => {
  const found = MAPS.map((page) => [...pathsOf(page)]);
  for (const [index, paths] of found.entries())
    assert.ok(paths.length > 10, `${MAPS[index]} names ${paths.length}`);
  const missing = MAPS.flatMap((page) =>
    [...pathsOf(page)].filter((text) => !isThere(text)).map((text) => `${page}: ${text}`),
  );
  assert.deepEqual(missing, []);
});
