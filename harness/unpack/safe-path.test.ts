import assert from 'node:assert/strict';
import { join, normalize } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { ArchiveError } from './archive-error.ts';
import { checkLinkTarget, checkPath, DEPTH_MAX, NAME_BYTES_MAX } from './safe-path.ts';

test('checkPath() hands back the components of what is safe', () => {
  assert.deepEqual(checkPath('a/b.txt'), ['a', 'b.txt']);
  assert.deepEqual(checkPath('./a//b/./c/'), ['a', 'b', 'c']);
  assert.deepEqual(checkPath('./'), []);
  assert.deepEqual(checkPath('..a/b..'), ['..a', 'b..']);
  assert.deepEqual(checkPath('back\\slash'), ['back\\slash']);
});

test('checkPath() refuses what leads out, in any spelling', () => {
  const bad = [
    '../evil',
    'a/../../evil',
    'a/..',
    '..',
    '..\\evil',
    'a\\..\\..\\evil',
    '/etc/x',
    '\\x',
    '//srv/x',
    'C:\\x',
    'c:/x',
    'a\0b',
  ];
  for (const path of bad) {
    assert.throws(
      () => checkPath(path),
      (error) => error instanceof ArchiveError && /^unsafe path "/.test(error.message),
      path,
    );
  }
});

test('checkPath() refuses names and depths at the first one past the limit', () => {
  assert.equal(checkPath('x'.repeat(NAME_BYTES_MAX)).length, 1);
  assert.throws(() => checkPath('x'.repeat(NAME_BYTES_MAX + 1)), /longer than 255 bytes/);
  assert.throws(() => checkPath('é'.repeat(128)), /longer than 255 bytes/);
  assert.equal(checkPath(Array(DEPTH_MAX).fill('d').join('/')).length, DEPTH_MAX);
  assert.throws(
    () =>
      checkPath(
        Array(DEPTH_MAX + 1)
          .fill('d')
          .join('/'),
      ),
    /deeper than 32 folders/,
  );
});

test('checkPath() never lets a path out of its root, whatever it is made of', () => {
  const part = fc.constantFrom('..', '.', 'a', '', '...', 'b c', '\\', '..\\', 'C:');
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), fc.constantFrom('/', '\\'), (parts, separator) => {
      let components: string[];
      try {
        components = checkPath(parts.join(separator));
      } catch {
        return;
      }
      assert.ok(join('/root', ...components).startsWith('/root'));
      assert.ok(!components.includes('..'));
    }),
  );
});

test('checkLinkTarget() takes links that stay inside, and refuses all others', () => {
  for (const target of ['b', './b', '../b', 'x/y/z', '..', '.', '../../a']) {
    assert.doesNotThrow(() => checkLinkTarget(['d', 'e', 'link'], target), target);
  }
  for (const target of ['', '/', '/etc/passwd', '../../../b', 'x/../../..', 'x/..', 'a\0']) {
    assert.throws(() => checkLinkTarget(['d', 'e', 'link'], target), /^ArchiveError: unsafe link/, target);
  }
});

test('checkLinkTarget() lets no chain of links out', () => {
  // A model of a file system: links at the root and one folder down, resolved one by one as the kernel does.
  const target = fc.array(fc.constantFrom('..', 'a', 'b', 'd', '.'), { minLength: 1, maxLength: 5 });
  const links = fc.record({ a: target, b: target, 'd/a': target, 'd/b': target }, { requiredKeys: [] });
  fc.assert(
    fc.property(links, (made) => {
      const safe = new Map<string, string>();
      for (const [path, parts] of Object.entries(made)) {
        if (parts === undefined) continue;
        try {
          checkLinkTarget(path.split('/'), parts.join('/'));
          safe.set(`/root/${path}`, parts.join('/'));
        } catch {
          // Refused: it is not there.
        }
      }
      for (const path of safe.keys())
        assert.ok(resolvesInside(path, safe), `${path} of ${JSON.stringify(made)}`);
    }),
    { numRuns: 2_000 },
  );
});

function resolvesInside(start: string, links: ReadonlyMap<string, string>): boolean {
  let todo = start.split('/').filter(Boolean);
  let at = '/';
  for (let hops = 0; hops < 100 && todo.length > 0; hops += 1) {
    const [next = '', ...rest] = todo;
    const path = normalize(join(at, next));
    if (next === '..' && at === '/root') return false;
    const link = links.get(path);
    todo = link === undefined ? rest : [...link.split('/'), ...rest];
    if (link === undefined) at = path;
  }
  return true;
}

test('checkPath() and checkLinkTarget() refuse what was not UTF-8: two such names would be one', () => {
  const name = Buffer.from([0x61, 0xff]).toString();
  assert.throws(() => checkPath(`d/${name}`), {
    code: 'archive_refused',
    message: 'name "d/a\ufffd" in archive is not UTF-8',
  });
  assert.throws(() => checkLinkTarget(['l'], name), {
    code: 'archive_refused',
    message: 'name "a\ufffd" in archive is not UTF-8',
  });
});
