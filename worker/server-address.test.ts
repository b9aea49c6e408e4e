import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseServerAddress } from './server-address.ts';

test('parseServerAddress() takes an address with or without scheme, port, path and slashes', () => {
  const rows = [
    ['orca.example.edu', 'http://orca.example.edu/'],
    ['orca.example.edu:4000', 'http://orca.example.edu:4000/'],
    ['127.0.0.1:4000/', 'http://127.0.0.1:4000/'],
    ['[::1]:4000', 'http://[::1]:4000/'],
    ['https://orca.example.edu//', 'https://orca.example.edu/'],
    ['https://example.edu/orca/', 'https://example.edu/orca/'],
  ] as const;
  for (const [text, url] of rows) assert.equal(parseServerAddress(text)?.href, url, text);
});

test('parseServerAddress() takes nothing else', () => {
  for (const text of [
    'ftp://example.edu',
    'http://',
    'http://example.edu/?x=1',
    'a b',
    'unix:///x',
    'http://user:secret@example.edu',
  ])
    assert.equal(parseServerAddress(text), null, text);
});
