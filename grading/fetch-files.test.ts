import assert from 'node:assert/strict';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fetchFiles } from './fetch-files.ts';
import { openFileCache } from './file-cache.ts';
import { deps, file, NEVER, openWorkspace, QUICK_TRIES } from './testing/fetch-deps.ts';
import { startFileServer } from './testing/file-server.ts';
import { createWorkspace } from './workspace.ts';

const MIB = 1024 * 1024;
test('fetchFiles() fetches all files in the order of the job, with name, format and size', async () => {
  await using server = await startFileServer();
  await using workspace = await openWorkspace();
  const tests = server.answer('/a%20b/tests.zip', (_request, response) => void response.end('PK'));
  const main = server.answer('/Main.java', (_request, response) => void response.end('class Main {}'));
  const outcome = await fetchFiles(
    {
      tests: file(`${tests}?token=x`, { mime_type: 'application/ZIP; q=1', should_replace_paths: true }),
      main: file(main),
    },
    workspace.folder,
    deps(),
    NEVER,
  );
  assert.equal(outcome.kind, 'fetched');
  const files = outcome.kind === 'fetched' ? outcome.files : [];
  assert.deepEqual(
    files.map(({ path, ...facts }) => facts),
    [
      { name: 'tests', fileName: 'tests.zip', bytes: 2, format: 'zip', replacePaths: true },
      { name: 'main', fileName: 'Main.java', bytes: 13, format: 'copy', replacePaths: false },
    ],
  );
  assert.equal(await readFile(files[1]?.path ?? '', 'utf8'), 'class Main {}');
});

test('fetchFiles() takes a 4xx for final, and names the file and not its URL', async () => {
  await using server = await startFileServer();
  await using workspace = await openWorkspace();
  const url = server.answer('/secret.zip', (_request, response) => void response.writeHead(403).end());
  const outcome = await fetchFiles({ student: file(url) }, workspace.folder, deps(), NEVER);
  assert.deepEqual(outcome, {
    kind: 'refused',
    sentences: ['Cannot fetch the file "student": the server answered 403'],
  });
  assert.equal(server.requestsOf('/secret.zip'), 1);
});

test('fetchFiles() tries again what fails, and takes the file when it comes', async () => {
  await using server = await startFileServer();
  await using workspace = await openWorkspace();
  const url = server.answer('/late.txt', (_request, response, attempt) => {
    if (attempt === 1) response.writeHead(500).end();
    else if (attempt === 2) response.destroy();
    else response.end('at last');
  });
  const outcome = await fetchFiles({ late: file(url) }, workspace.folder, deps(), NEVER);
  assert.equal(outcome.kind, 'fetched');
  assert.equal(server.requestsOf('/late.txt'), 3);
});

for (const [what, answer] of [
  ['errors', (_request, response) => void response.writeHead(500).end()],
  [
    'cuts',
    (_request, response) =>
      void response.writeHead(200, { 'content-length': '9' }).end('half', () => response.destroy()),
  ],
  ['does not answer', () => {}],
] satisfies [string, Parameters<Awaited<ReturnType<typeof startFileServer>>['answer']>[1]][]) {
  test(`fetchFiles() gives up after three tries when the server ${what}, and leaves no half file`, async () => {
    await using server = await startFileServer();
    await using workspace = await openWorkspace();
    const url = server.answer('/f', answer);
    const tries = { ...QUICK_TRIES, totalMs: 200 };
    const outcome = await fetchFiles({ f: file(url) }, workspace.folder, deps({ tries }), NEVER);
    assert.equal(outcome.kind, 'failed');
    assert.match(outcome.kind === 'failed' ? outcome.sentence : '', /^Cannot fetch the file "f": [^/]+$/);
    assert.equal(server.requestsOf('/f'), 3);
    assert.deepEqual(await readdir(workspace.folder), []);
  });
}

test('fetchFiles() starts no try after its window', async () => {
  await using server = await startFileServer();
  await using workspace = await openWorkspace();
  const url = server.answer('/f', (_request, response) => void response.writeHead(503).end());
  const tries = { ...QUICK_TRIES, pausesMs: [50], windowMs: 10 };
  const outcome = await fetchFiles({ f: file(url) }, workspace.folder, deps({ tries }), NEVER);
  assert.equal(outcome.kind, 'failed');
  assert.equal(server.requestsOf('/f'), 1);
});

/** A server that sends so many MiB. */
const sendsMib = (mib: number) => (_request: unknown, response: import('node:http').ServerResponse) => {
  const chunk = Buffer.alloc(MIB);
  let left = mib;
  const more = (): void => {
    while (left > 0 && !response.destroyed) {
      left -= 1;
      if (!response.write(chunk)) return;
    }
    response.end();
  };
  response.on('drain', more);
  more();
};

test('fetchFiles() takes a file of 128 MiB and refuses one past it', async () => {
  await using server = await startFileServer();
  await using workspace = await openWorkspace();
  const tries = { ...QUICK_TRIES, totalMs: 60_000 };
  const largest = { largest: file(server.answer('/128', sendsMib(128))) };
  const taken = await fetchFiles(largest, workspace.folder, deps({ tries }), NEVER);
  assert.equal(taken.kind, 'fetched');
  const larger = { larger: file(server.answer('/129', sendsMib(129))) };
  assert.deepEqual(await fetchFiles(larger, workspace.folder, deps({ tries }), NEVER), {
    kind: 'refused',
    sentences: ['Cannot fetch the file "larger": it is larger than 128 MiB'],
  });
});

test('fetchFiles() refuses files that are larger than 256 MiB together', async () => {
  await using server = await startFileServer();
  await using workspace = await openWorkspace();
  const url = server.answer('/100', sendsMib(100));
  const files = { a: file(url), b: file(url), c: file(url) };
  const tries = { ...QUICK_TRIES, totalMs: 60_000 };
  const outcome = await fetchFiles(files, workspace.folder, deps({ tries }), NEVER);
  assert.deepEqual(outcome, {
    kind: 'refused',
    sentences: ['Cannot fetch the files: they are larger than 256 MiB together'],
  });
});

test('fetchFiles() ends at once when its signal aborts', async () => {
  await using server = await startFileServer();
  await using workspace = await openWorkspace();
  const stop = new AbortController();
  const url = server.answer('/silent', () => stop.abort(new Error('superseded')));
  const tries = { ...QUICK_TRIES, totalMs: 60_000 };
  await assert.rejects(
    fetchFiles({ f: file(url) }, workspace.folder, deps({ tries }), stop.signal),
    /superseded/,
  );
});

test('fetchFiles() refuses a job of which two files are refused at once, and leaves no rejection behind', async () => {
  const unheard: unknown[] = [];
  const hear = (reason: unknown): void => void unheard.push(reason);
  process.on('unhandledRejection', hear);
  await using workspace = await openWorkspace();
  const cache = await openFileCache(join(workspace.folder, 'cache'));
  const urls = ['http://169.254.1.1/a', 'http://169.254.1.2/b', 'http://169.254.1.3/c'];
  const files = Object.fromEntries(urls.map((url) => [url.slice(-1), file(url)]));
  const outcome = await fetchFiles(files, workspace.folder, deps({ cache }), NEVER);
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', hear);
  assert.equal(outcome.kind, 'refused');
  assert.deepEqual(unheard, []);
});

test('fetchFiles() says what broke, and not that the others were stopped for it', async () => {
  await using server = await startFileServer();
  await using workspace = await openWorkspace();
  // Where the second file is to be written lies a folder.
  await mkdir(join(workspace.folder, '1.part'));
  const isAsked = Promise.withResolvers<void>();
  const silent = server.answer('/silent', () => isAsked.resolve());
  const second = server.answer(
    '/second',
    (_, response) => void isAsked.promise.then(() => response.end('x')),
  );
  await assert.rejects(
    fetchFiles({ first: file(silent), second: file(second) }, workspace.folder, deps(), NEVER),
    { code: 'cannot_store_file' },
  );
});

test('fetchFiles() asks the server before it uses a copy, and takes the new file when it has changed', async () => {
  await using server = await startFileServer();
  await using workspace = await openWorkspace();
  const cache = await openFileCache(join(workspace.folder, 'cache'));
  let version = 1;
  const asked: (string | undefined)[] = [];
  const url = server.answer('/shared.jar', (request, response) => {
    asked.push(request.headers['if-none-match']);
    const etag = `"v${version}"`;
    if (request.headers['if-none-match'] === etag) response.writeHead(304).end();
    else response.writeHead(200, { etag }).end(`version ${version}`);
  });
  const fetchIt = async (): Promise<string> => {
    await using job = await createWorkspace(workspace.folder);
    const outcome = await fetchFiles({ jar: file(url) }, job.folder, deps({ cache }), NEVER);
    if (outcome.kind !== 'fetched') return outcome.kind;
    const text = await readFile(outcome.files[0]?.path ?? '', 'utf8');
    return `${text}, ${outcome.cached} cached`;
  };
  assert.equal(await fetchIt(), 'version 1, 0 cached');
  assert.equal(await fetchIt(), 'version 1, 1 cached');
  version = 2;
  assert.equal(await fetchIt(), 'version 2, 0 cached');
  assert.equal(await fetchIt(), 'version 2, 1 cached');
  assert.deepEqual(asked, [undefined, '"v1"', '"v1"', '"v2"']);
});
