import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type FileCache, keepCopy, openFileCache, takeCopy } from './file-cache.ts';
import { CACHE_LIMITS, sweepFileCache } from './sweep-file-cache.ts';
import { createWorkspace, type Workspace } from './workspace.ts';

const URL_A = 'https://site.edu/a.jar';
const HOUR_MS = 3_600_000;
/** While room is needed. */
const EMPTY = { bytesMax: 0, copiesMax: 0 };

const openWorkspace = (): Promise<Workspace> => createWorkspace(join(tmpdir(), 'orca-test'));

async function openCache(workspace: Workspace): Promise<FileCache> {
  const cache = await openFileCache(join(workspace.folder, 'cache'));
  assert.ok(cache, 'these tests need Linux');
  return cache;
}

/** Keeps a text as the content of a URL. @returns whether it is kept */
async function keep(
  { folder }: Workspace,
  cache: FileCache,
  url: string,
  content: string,
  validators: { etag: string | null; lastModified: string | null } = { etag: '"1"', lastModified: null },
): Promise<boolean> {
  const path = join(folder, 'fetched');
  await writeFile(path, content);
  const isKept = await keepCopy(cache, url, { ...validators, path, bytes: content.length });
  // A job ends, and its name for the file with it.
  await rm(path);
  return isKept;
}

test('takeCopy() links what was kept, with the size and the question to ask', async () => {
  await using workspace = await openWorkspace();
  const cache = await openCache(workspace);
  const path = join(workspace.folder, 'taken');
  assert.equal(await takeCopy(cache, URL_A, path), null);
  await keep(workspace, cache, URL_A, 'content');
  assert.deepEqual(await takeCopy(cache, URL_A, path), { bytes: 7, conditions: { 'if-none-match': '"1"' } });
  assert.equal(await readFile(path, 'utf8'), 'content');
});

test('keepCopy() replaces a copy without disturbing a job that has taken it', async () => {
  await using workspace = await openWorkspace();
  const cache = await openCache(workspace);
  await keep(workspace, cache, URL_A, 'old');
  await takeCopy(cache, URL_A, join(workspace.folder, 'first'));
  await keep(workspace, cache, URL_A, 'newer', { etag: '"2"', lastModified: null });
  await takeCopy(cache, URL_A, join(workspace.folder, 'second'));
  assert.equal(await readFile(join(workspace.folder, 'first'), 'utf8'), 'old');
  assert.equal(await readFile(join(workspace.folder, 'second'), 'utf8'), 'newer');
  assert.equal((await readdir(cache.folder)).length, 2, 'one copy and one entry stay');
});

test('keepCopy() keeps nothing that cannot be asked about, or that changed less than a minute ago', async () => {
  await using workspace = await openWorkspace();
  const cache = await openCache(workspace);
  const modified = (ageMs: number) => ({
    etag: null,
    lastModified: new Date(Date.now() - ageMs).toUTCString(),
  });
  await keep(workspace, cache, URL_A, 'x', { etag: null, lastModified: null });
  await keep(workspace, cache, URL_A, 'x', modified(30_000));
  await keep(workspace, cache, URL_A, 'x', { etag: null, lastModified: 'yesterday or so' });
  assert.deepEqual(await readdir(cache.folder), []);
  const old = modified(90_000);
  await keep(workspace, cache, URL_A, 'x', old);
  const taken = await takeCopy(cache, URL_A, join(workspace.folder, 'taken'));
  assert.deepEqual(taken?.conditions, { 'if-modified-since': old.lastModified });
});

test('keepCopy() that fails half-way leaves nothing that takes room', async () => {
  await using workspace = await openWorkspace();
  const cache = await openCache(workspace);
  // No file can be renamed to what is a folder.
  const entry = `${createHash('sha256').update(URL_A).digest('hex')}.entry`;
  await mkdir(join(cache.folder, entry));
  assert.equal(await keep(workspace, cache, URL_A, 'content'), false);
  assert.deepEqual(await readdir(cache.folder), [entry]);
});

test('takeCopy() has nothing after a reboot, nor from a half-written or foreign entry', async () => {
  await using workspace = await openWorkspace();
  const cache = await openCache(workspace);
  const path = join(workspace.folder, 'taken');
  await keep(workspace, cache, URL_A, 'content');
  assert.equal(await takeCopy({ ...cache, bootId: 'the next boot' }, URL_A, path), null);
  const entry = (await readdir(cache.folder)).find((name) => name.endsWith('.entry')) ?? '';
  for (const text of ['{"copy":"', '[]', 'null', '{"copy":1}']) {
    await writeFile(join(cache.folder, entry), text);
    assert.equal(await takeCopy(cache, URL_A, path), null);
  }
});

test('takeCopy() has nothing when the copy is shorter or longer than what was kept', async () => {
  await using workspace = await openWorkspace();
  const cache = await openCache(workspace);
  const path = join(workspace.folder, 'taken');
  for (const damage of ['cont', 'content and more']) {
    await keep(workspace, cache, URL_A, 'content');
    const copy = (await readdir(cache.folder)).find((name) => name.endsWith('.copy')) ?? '';
    await writeFile(join(cache.folder, copy), damage);
    assert.equal(await takeCopy(cache, URL_A, path), null);
    await assert.rejects(readFile(path), { code: 'ENOENT' });
  }
});

test('two jobs that keep the same URL at once leave one right copy', async () => {
  await using workspace = await openWorkspace();
  await using other = await openWorkspace();
  const cache = await openCache(workspace);
  await Promise.all([
    keep(workspace, cache, URL_A, 'same'),
    keep(other, cache, URL_A, 'same'),
    ...Array.from({ length: 8 }, (_, index) =>
      takeCopy(cache, URL_A, join(workspace.folder, `early${index}`)),
    ),
  ]);
  const path = join(workspace.folder, 'taken');
  assert.equal((await takeCopy(cache, URL_A, path))?.bytes, 4);
  assert.equal(await readFile(path, 'utf8'), 'same');
});

for (const limits of [{ bytesMax: 20 }, { copiesMax: 2 }])
  test(`sweepFileCache() keeps the copies used last, up to the limit ${JSON.stringify(limits)}`, async () => {
    await using workspace = await openWorkspace();
    const cache = await openCache(workspace);
    const seen = new Set<string>();
    const urls = ['https://site.edu/1', 'https://site.edu/2', 'https://site.edu/3'];
    for (const [age, url] of urls.entries()) {
      await keep(workspace, cache, url, '0123456789');
      const before = await readdir(cache.folder);
      const copy = before.find((name) => name.endsWith('.copy') && !seen.has(name)) ?? '';
      seen.add(copy);
      const usedAt = new Date(Date.now() - (10 - age) * HOUR_MS);
      await utimes(join(cache.folder, copy), usedAt, usedAt);
    }
    // A use makes the oldest the newest.
    await takeCopy(cache, 'https://site.edu/1', join(workspace.folder, 'used'));
    assert.equal(await sweepFileCache(cache, { ...CACHE_LIMITS, ...limits }), 20);
    const left = await Promise.all(
      urls.map((url, index) => takeCopy(cache, url, join(workspace.folder, `l${index}`))),
    );
    assert.deepEqual(
      left.map((copy) => copy !== null),
      [true, false, true],
    );
    assert.equal((await readdir(cache.folder)).length, 4);
  });

test('sweepFileCache() removes what a crash left half-way, but not what is being stored', async () => {
  await using workspace = await openWorkspace();
  const cache = await openCache(workspace);
  const old = new Date(Date.now() - HOUR_MS);
  for (const name of ['k.1.copy', 'k.1.copy.entry', 'k.2.copy']) {
    await writeFile(join(cache.folder, name), '{}');
    if (!name.startsWith('k.2')) await utimes(join(cache.folder, name), old, old);
  }
  assert.equal(await sweepFileCache(cache), 0);
  assert.deepEqual(await readdir(cache.folder), ['k.2.copy']);
});

test('sweepFileCache() for a full disk removes copies that no entry names, too, however young', async () => {
  await using workspace = await openWorkspace();
  const cache = await openCache(workspace);
  await keep(workspace, cache, URL_A, 'content');
  for (const name of ['k.1.copy', 'k.2.copy', 'k.2.copy.entry'])
    await writeFile(join(cache.folder, name), '{}');
  assert.equal(await sweepFileCache(cache, EMPTY), 0);
  assert.deepEqual(await readdir(cache.folder), ['k.2.copy.entry'], 'it takes no room');
});

test('sweepFileCache() for a full disk, beside jobs that store, costs them no more than their copies', async () => {
  await using workspace = await openWorkspace();
  const cache = await openCache(workspace);
  for (let round = 0; round < 20; round += 1) {
    await Promise.all([keep(workspace, cache, URL_A, 'content'), sweepFileCache(cache, EMPTY)]);
    const path = join(workspace.folder, `taken${round}`);
    if ((await takeCopy(cache, URL_A, path)) !== null) assert.equal(await readFile(path, 'utf8'), 'content');
  }
  assert.equal(await keep(workspace, cache, URL_A, 'content'), true);
  assert.equal((await takeCopy(cache, URL_A, join(workspace.folder, 'last')))?.bytes, 7);
});

test('sweepFileCache() removes old entries of another boot, and those without a copy', async () => {
  await using workspace = await openWorkspace();
  const cache = await openCache(workspace);
  const past = { ...cache, bootId: 'the boot before' };
  await keep(workspace, cache, 'https://site.edu/lost', 'content');
  const lost = (await readdir(cache.folder)).find((name) => name.endsWith('.copy')) ?? '';
  await rm(join(cache.folder, lost));
  for (const url of ['https://site.edu/1', 'https://site.edu/2']) await keep(workspace, past, url, 'content');
  await writeFile(join(cache.folder, 'strange.entry'), 'no JSON');
  await keep(workspace, cache, URL_A, 'content');
  assert.equal(await sweepFileCache(cache), 7);
  assert.equal((await readdir(cache.folder)).length, 8, 'nothing is old');
  const old = new Date(Date.now() - HOUR_MS);
  for (const name of await readdir(cache.folder)) await utimes(join(cache.folder, name), old, old);
  assert.equal(await sweepFileCache(cache), 7);
  assert.equal((await readdir(cache.folder)).length, 2, 'one copy and its entry stay');
  assert.equal((await takeCopy(cache, URL_A, join(workspace.folder, 'taken')))?.bytes, 7);
});

test('sweepFileCache() makes the folder again that somebody has removed, but not what it lies in', async () => {
  await using workspace = await openWorkspace();
  const cache = await openCache(workspace);
  await rm(cache.folder, { recursive: true });
  assert.equal(await sweepFileCache(cache), 0);
  await keep(workspace, cache, URL_A, 'content');
  assert.equal((await takeCopy(cache, URL_A, join(workspace.folder, 'taken')))?.bytes, 7);
  const elsewhere = { ...cache, folder: join(workspace.folder, 'not mounted', 'cache') };
  await assert.rejects(sweepFileCache(elsewhere), { code: 'ENOENT' });
});
