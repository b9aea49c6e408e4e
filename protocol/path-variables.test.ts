import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hideFolders, insertFolders } from './path-variables.ts';
import { cpuMsOf } from './testing/cpu-ms.ts';

const folders = { downloaded: '/work/downloaded', extracted: '/work/extracted', build: '/work/build' };

test('insertFolders() replaces the three variables where no letter, digit or underscore follows', () => {
  const rows: [text: string, inserted: string][] = [
    ['cd $BUILD', 'cd /work/build'],
    [`$BUILD/a:\${EXTRACTED}/b:$DOWNLOADED`, '/work/build/a:/work/extracted/b:/work/downloaded'],
    ['$BUILD.bak-$BUILD-x', '/work/build.bak-/work/build-x'],
    ['$BUILDER $BUILD_DIR $BUILD2 ${BUILD $build BUILD', '$BUILDER $BUILD_DIR $BUILD2 ${BUILD $build BUILD'],
    ['$$BUILD', '$/work/build'],
    ['', ''],
  ];
  for (const [text, inserted] of rows) assert.equal(insertFolders(text, folders), inserted);
});

test('insertFolders() inserts paths as they are, dollars and variables in them too', () => {
  assert.equal(insertFolders('$BUILD', { ...folders, build: '/a$&$BUILD$$' }), '/a$&$BUILD$$');
});

test('hideFolders() replaces the three paths where no letter, digit, _, - or . follows', () => {
  const rows: [text: string, hidden: string][] = [
    ['/work/build/Main.java:3: error', '$BUILD/Main.java:3: error'],
    ['in /work/extracted, /work/downloaded', 'in $EXTRACTED, $DOWNLOADED'],
    ['/work/build', '$BUILD'],
    [
      '/work/builder /work/build.d /work/build-2 /work/build_x /work/build9',
      '/work/builder /work/build.d /work/build-2 /work/build_x /work/build9',
    ],
    ['/work/build/work/build\n', '$BUILD$BUILD\n'],
  ];
  for (const [text, hidden] of rows) assert.equal(hideFolders(text, folders), hidden);
});

test('hideFolders() takes the longest path first, and characters of patterns for themselves', () => {
  const nested = { downloaded: '/w', extracted: '/w/a+b', build: '/w/a+b/(c)' };
  assert.equal(
    hideFolders('/w/a+b/(c)/x /w/a+b/x /w/x /w/aab', nested),
    '$BUILD/x $EXTRACTED/x $DOWNLOADED/x $DOWNLOADED/aab',
  );
});

test('hideFolders() undoes insertFolders() in any text that holds none of the paths', () => {
  const piece = fc.constantFrom('$BUILD', '$EXTRACTED', '$DOWNLOADED', '/', ' ', 'x', '.', '-', '$', '"');
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const text = pieces.join('');
      // What a variable may stand before, its path may not: `$BUILD.d` is a folder of another name.
      fc.pre(!/(?:BUILD|EXTRACTED|DOWNLOADED)[x.-]/.test(text));
      assert.equal(hideFolders(insertFolders(text, folders), folders), text);
    }),
  );
});

test('hideFolders() takes time linear in the text', () => {
  const text = '/work/build '.repeat(1_000_000);
  const took = cpuMsOf(() => {
    assert.equal(hideFolders(text, folders).length, '$BUILD '.length * 1_000_000);
  });
  // The target is 200 ms.
  assert.ok(took < 2000, `${took} ms`);
});
