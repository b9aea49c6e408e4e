import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { attackTexts } from './attack-texts.ts';
import { readPatterns } from './read-patterns.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** All that run in production, or on somebody's own machine. */
const ROOMS = [
  ...['protocol', 'database', 'docker', 'outbound', 'daemon', 'orchestrator', 'worker', 'grading', 'harness'],
  ...['results', 'cli'],
];

/** A pattern that is worse than quadratic shows at the first or second, and would not come back from the third. */
const CHARACTERS = [22, 1_000, 40_000] as const;
/** Processor time. A pattern that is linear takes less than a hundredth, one that is quadratic some times as much. */
const CPU_MS_MAX = 250;

async function sourceFiles(room: string): Promise<string[]> {
  const entries = await readdir(join(ROOT, room), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /(?<!\.test)\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes(`${sep}node_modules${sep}`) && !path.includes(`${sep}testing${sep}`));
}

function cpuMsOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** The beginning of a text that the pattern takes too long for, or `null`. */
function findSlowText(pattern: RegExp): string | null {
  for (const characters of CHARACTERS)
    for (const text of attackTexts(pattern, characters)) {
      const use = (): unknown => (pattern.global ? text.replace(pattern, '') : text.search(pattern));
      // A pause of the system may fall into one try.
      if (cpuMsOf(use) > CPU_MS_MAX && cpuMsOf(use) > CPU_MS_MAX) return text.slice(0, 40);
    }
  return null;
}

test('A29: attackTexts() finds a text for patterns that are known to be slow', () => {
  for (const pattern of [/\s+$/, /^name: \d+\d+;$/])
    assert.notEqual(findSlowText(pattern), null, String(pattern));
});

test('A29: readPatterns() finds what is a pattern, and nothing else', () => {
  const source = [
    'const a = b / c / d; // /no/',
    "const text = '/no/'; /* /no/ */",
    'const x = /a[/]b/giu; call(/\\/c/, 1 / 2);',
    "if (ok) return /d/.test('');",
    `const t = \`/no/ \${a ? { b: \`/no/\` } : /e/} /no/\`;`,
    "const SHA_PATTERN = '^\\\\d$';",
  ].join('\n');
  const found = readPatterns(source).map(({ line, pattern }) => [line, String(pattern)]);
  assert.deepEqual(found, [
    [3, '/a[/]b/giu'],
    [3, '/\\/c/'],
    [4, '/d/'],
    [5, '/e/'],
    [6, '/^\\d$/u'],
  ]);
});

test('A29: no regular expression of Orca takes more than linear time, whatever it is given', async () => {
  const slow: string[] = [];
  let patterns = 0;
  for (const room of ROOMS)
    for (const path of await sourceFiles(room))
      for (const { line, pattern } of readPatterns(await readFile(path, 'utf8'))) {
        patterns += 1;
        const text = findSlowText(pattern);
        if (text !== null)
          slow.push(`${relative(ROOT, path)}:${line} ${pattern} with ${JSON.stringify(text)}`);
      }
  assert.ok(patterns > 100, `the test has read ${patterns} patterns`);
  assert.deepEqual(slow, []);
});
