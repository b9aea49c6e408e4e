import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { chooseFileName, FILE_NAME_BYTES_MAX } from './choose-file-name.ts';

for (const [url, name] of [
  ['https://site.edu/files/17/Main.java', 'Main.java'],
  ['https://site.edu/files/my%20work.zip?token=a/b.zip#x/y', 'my work.zip'],
  ['https://site.edu/%C3%BCbung.tar.gz', 'übung.tar.gz'],
  ['https://site.edu/', 'file'],
  ['https://site.edu', 'file'],
  ['https://site.edu/?file=a.zip', 'file'],
  ['https://site.edu/a/..', 'file'],
  ['https://site.edu/a/%2e%2e', 'file'],
  ['https://site.edu/%2e%2e%2fetc%2fpasswd', '.._etc_passwd'],
  ['https://site.edu/a%5c..%5cb', 'a_.._b'],
  ['https://site.edu/a%00b%0ac%7f', 'a_b_c_'],
  ['https://site.edu/%E2%80%AEcod.exe', '_cod.exe'],
  ['https://site.edu/100%', '100%'],
  ['no url', 'file'],
] as const) {
  test(`chooseFileName() makes "${name}" of ${url}`, () => assert.equal(chooseFileName(url), name));
}

test('chooseFileName() cuts a long name before its extension, at a whole character', () => {
  const name = chooseFileName(`https://site.edu/${encodeURIComponent('ü'.repeat(300))}.tar.gz`);
  assert.ok(Buffer.byteLength(name) <= FILE_NAME_BYTES_MAX);
  assert.match(name, /^ü+\.tar\.gz$/);
});

test('chooseFileName() gives one safe path component, whatever the URL', () => {
  const parts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.webUrl(),
    fc.constantFrom('..', '.', '%2e', '%2f', '%00'),
  );
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 8 }), (path) => {
      const name = chooseFileName(`https://site.edu/${path.join('')}`);
      assert.ok(name !== '' && name !== '.' && name !== '..');
      assert.doesNotMatch(name, /[/\\\u0000-\u001f]/);
      assert.ok(Buffer.byteLength(name) <= FILE_NAME_BYTES_MAX);
      assert.ok(name.isWellFormed());
    }),
  );
});
