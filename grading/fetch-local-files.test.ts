import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { fetchFiles } from './fetch-files.ts';
import { deps, file, NEVER, openWorkspace } from './testing/fetch-deps.ts';

test('fetchFiles() reads files of this machine where they lie, when that is allowed', async () => {
  await using workspace = await openWorkspace();
  const path = join(workspace.folder, 'my tests.zip');
  await writeFile(path, 'PK');
  const url = pathToFileURL(path).href;
  const files = { tests: file(url, { mime_type: 'application/zip' }) };
  const outcome = await fetchFiles(files, workspace.folder, deps({ localFiles: 'allowed' }), NEVER);
  assert.deepEqual(outcome, {
    kind: 'fetched',
    cached: 0,
    files: [{ name: 'tests', fileName: 'my tests.zip', path, bytes: 2, format: 'zip', replacePaths: false }],
  });
  const missing = { x: file('file:///no/such/file') };
  assert.deepEqual(await fetchFiles(missing, workspace.folder, deps({ localFiles: 'allowed' }), NEVER), {
    kind: 'refused',
    sentences: ['Cannot read the file "x": there is no file "/no/such/file"'],
  });
});

test('fetchFiles() never reads a file of this machine for a service', async () => {
  await using workspace = await openWorkspace();
  const outcome = await fetchFiles({ x: file('file:///etc/passwd') }, workspace.folder, deps(), NEVER);
  assert.notEqual(outcome.kind, 'fetched');
});
