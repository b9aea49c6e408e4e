import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Rooms whose files may import any public face, as the table's last row says. */
const ANY = 'any public face';

/** The rooms that a piece of a table cell names, or `null` where it allows any. */
const roomsIn = (cell: string): Set<string> | null =>
  cell.startsWith(ANY) ? null : new Set([...cell.matchAll(/`([a-z0-9]+)`/g)].map((match) => match[1] ?? ''));

/**
 * Reads "Who may import whom" of ARCHITECTURE.md: room → rooms it may import, `null` for any.
 *
 * @param withData also the rooms that it uses as data (what stands behind the semicolon of a cell)
 */
async function readTable(withData = false): Promise<Map<string, Set<string> | null>> {
  const text = await readFile(join(ROOT, 'ARCHITECTURE.md'), 'utf8');
  const rows = text.matchAll(/^\| ((?:`[a-z0-9]+`(?:, )?)+) +\| (.+?) +\|$/gm);
  const table = new Map<string, Set<string> | null>();
  for (const [, rooms = '', allowed = ''] of rows)
    for (const [, room = ''] of rooms.matchAll(/`([a-z0-9]+)`/g))
      table.set(room, roomsIn(withData ? allowed : (allowed.split(';')[0] ?? '')));
  return table;
}

async function sourceFiles(room: string): Promise<string[]> {
  const entries = await readdir(join(ROOT, room), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes(`${sep}node_modules${sep}`));
}

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s(?:[^'";]*?\sfrom\s)?\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g;

async function importsOf(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8');
  return [...text.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? '');
}

/** What is wrong with one import, or `null`. */
function judge(room: string, path: string, specifier: string, allowed: Set<string> | null): string | null {
  const where = `${relative(ROOT, path)} imports "${specifier}"`;
  if (specifier.startsWith('.')) {
    const target = relative(join(ROOT, room), resolve(dirname(path), specifier));
    return target.startsWith('..') ? `${where}: another room is imported by its name, not by a path` : null;
  }
  const other = /^@orca\/([a-z0-9]+)/.exec(specifier)?.[1];
  if (other === undefined || other === room || allowed === null) return null;
  // Tests may use the testing face of a room that the room itself may not import.
  if (path.endsWith('.test.ts') && specifier.endsWith('/testing')) return null;
  return allowed.has(other) ? null : `${where}: the import table does not allow it`;
}

test('every import between rooms is one that the table of ARCHITECTURE.md allows', async () => {
  const table = await readTable();
  const root = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { workspaces: string[] };
  assert.deepEqual(
    [...table.keys()].sort(),
    [...root.workspaces].sort(),
    'the table has a row for each room',
  );

  const problems: string[] = [];
  for (const [room, allowed] of table) {
    const files = await sourceFiles(room);
    assert.ok(files.length > 0, `the test has read files of ${room}`);
    let imports = 0;
    for (const path of files)
      for (const specifier of await importsOf(path)) {
        imports += 1;
        const problem = judge(room, path, specifier, allowed);
        if (problem !== null) problems.push(problem);
      }
    assert.ok(imports > 0, `the test has read imports of ${room}`);
  }
  assert.deepEqual(problems, []);
});

test('each room names in its package.json just the rooms that the table allows', async () => {
  for (const [room, allowed] of await readTable(true)) {
    const manifest = JSON.parse(await readFile(join(ROOT, room, 'package.json'), 'utf8')) as {
      dependencies?: Record<string, string>;
    };
    const rooms = Object.keys(manifest.dependencies ?? {})
      .filter((name) => name.startsWith('@orca/'))
      .map((name) => name.slice('@orca/'.length));
    if (allowed !== null)
      assert.deepEqual(
        rooms.filter((name) => !allowed.has(name)),
        [],
        room,
      );
  }
});

test('SQL stands only under database/, kill(-1) in one file, and the environment is read in few places', async () => {
  const table = await readTable();
  const killers: string[] = [];
  const readers = new Set<string>();
  for (const room of table.keys())
    for (const path of await sourceFiles(room)) {
      const text = await readFile(path, 'utf8');
      const name = relative(ROOT, path);
      if (!path.endsWith('.test.ts') && !path.includes(`${sep}testing${sep}`)) {
        if (room !== 'database')
          assert.doesNotMatch(
            text,
            /['"`]\s*(select|insert into|update|delete from)\s+\w+/i,
            `${name} holds SQL`,
          );
        if (/process\.env\b/.test(text)) readers.add(room);
      }
      if (/kill\(\s*-1\s*,/.test(text) && !path.endsWith('.test.ts')) killers.push(name);
    }
  assert.deepEqual(killers, ['harness/container-entry.ts']);
  assert.deepEqual(
    [...readers].filter((room) => !['daemon', 'cli', 'e2e', 'database'].includes(room)),
    [],
    'rooms that read the environment outside settings',
  );
});
