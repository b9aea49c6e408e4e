import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type FetchDeps, type FetchedFiles, fetchFiles } from './fetch-files.ts';
import { openFileCache } from './file-cache.ts';
import { createTestOutbound, type FileServer, startFileServer } from './testing/file-server.ts';
import { createWorkspace, type Workspace } from './workspace.ts';

const NEVER = new AbortController().signal;
const FETCH_MAIN = fileURLToPath(new URL('testing/fetch-main.ts', import.meta.url));

const openWorkspace = (): Promise<Workspace> => createWorkspace(join(tmpdir(), 'orca-test'));

/** What a worker fetches with, all its jobs alike. */
async function openDeps({ folder }: Workspace): Promise<FetchDeps> {
  const tries = { triesMax: 1, pausesMs: [], windowMs: 60_000 };
  return { outbound: createTestOutbound(), tries, cache: await openFileCache(join(folder, 'cache')) };
}

/** What a file server was asked for and sent. */
interface Sent {
  bodies: string[];
  notModified: string[];
}

/** Serves a text under an ETag of its own, and counts. */
function serveText(server: FileServer, path: string, sent: Sent): string {
  return server.answer(path, ({ headers }, response) => {
    const isRight = headers['if-none-match'] === `"${path}"`;
    (isRight ? sent.notModified : sent.bodies).push(path);
    if (isRight) response.writeHead(304).end();
    else response.writeHead(200, { etag: `"${path}"` }).end(`content of ${path}`);
  });
}

/** Fetches files for one job, in a folder of its own. @returns what was fetched, and what is in it */
async function fetchFor(
  workspace: Workspace,
  urls: readonly string[],
  deps: FetchDeps,
  signal = NEVER,
): Promise<{ fetched: FetchedFiles; texts: string[] }> {
  await using job = await createWorkspace(workspace.folder);
  const files = Object.fromEntries(
    urls.map((url, index) => [`f${index}`, { url, mime_type: 'text/plain', should_replace_paths: false }]),
  );
  const fetched = await fetchFiles(files, job.folder, deps, signal);
  const paths = fetched.kind === 'fetched' ? fetched.files.map(({ path }) => path) : [];
  return { fetched, texts: await Promise.all(paths.map((path) => readFile(path, 'utf8'))) };
}

test('fetchFiles() has each shared file sent once, and asks about it otherwise, with two jobs at once', async () => {
  await using server = await startFileServer();
  await using workspace = await openWorkspace();
  const deps = await openDeps(workspace);
  const sent: Sent = { bodies: [], notModified: [] };
  const shared = ['/a.jar', '/b.jar', '/c.jar', '/d.zip', '/e.zip'];
  const sharedUrls = shared.map((path) => serveText(server, path, sent));
  const own = Array.from({ length: 60 }, (_, job) => `/students/${job}.zip`);
  const waiting = [...own];
  const slot = async (): Promise<void> => {
    for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
      const { texts } = await fetchFor(workspace, [...sharedUrls, serveText(server, path, sent)], deps);
      assert.deepEqual(
        texts,
        [...shared, path].map((one) => `content of ${one}`),
      );
    }
  };
  await Promise.all([slot(), slot()]);
  assert.deepEqual(sent.bodies.sort(), [...shared, ...own].sort());
  const timesAsked = shared.map((path) => sent.notModified.filter((asked) => asked === path).length);
  assert.deepEqual(timesAsked, [59, 59, 59, 59, 59]);
  assert.equal(sent.notModified.length, 5 * 59);
});

test('fetchFiles() has a file sent to every job when the server gives nothing to ask by', async () => {
  await using server = await startFileServer();
  await using workspace = await openWorkspace();
  const deps = await openDeps(workspace);
  const url = server.answer(
    '/plain',
    (_request, response, attempt) => void response.end(`number ${attempt}`),
  );
  const jobs = await Promise.all(Array.from({ length: 3 }, () => fetchFor(workspace, [url], deps)));
  assert.deepEqual(jobs.flatMap(({ texts }) => texts).sort(), ['number 1', 'number 2', 'number 3']);
});

test('fetchFiles() lets another job fetch a file when the first one is stopped', async () => {
  await using server = await startFileServer();
  await using workspace = await openWorkspace();
  const deps = await openDeps(workspace);
  const stop = new AbortController();
  const begun = Promise.withResolvers<void>();
  const url = server.answer('/f', (_request, response, attempt) => {
    if (attempt === 1) response.writeHead(200, { etag: '"f"' }).write('half', () => begun.resolve());
    else response.writeHead(200, { etag: '"f"' }).end('the whole file');
  });
  const first = fetchFor(workspace, [url], deps, stop.signal);
  await begun.promise;
  const impatient = new AbortController();
  const gone = fetchFor(workspace, [url], deps, impatient.signal);
  const others = [fetchFor(workspace, [url], deps), fetchFor(workspace, [url], deps)];
  impatient.abort(new Error('cancelled'));
  await assert.rejects(gone, /cancelled/);
  assert.equal(server.requestsOf('/f'), 1, 'the others wait for the first');
  stop.abort(new Error('superseded'));
  await assert.rejects(first, /superseded/);
  const texts = (await Promise.all(others)).flatMap((other) => other.texts);
  assert.deepEqual(texts, ['the whole file', 'the whole file']);
});

test('fetchFiles() lets the others try for themselves when the first one gets no file', async () => {
  await using server = await startFileServer();
  await using workspace = await openWorkspace();
  const deps = await openDeps(workspace);
  const url = server.answer('/f', (_request, response) => void response.writeHead(503).end());
  const jobs = await Promise.all(Array.from({ length: 3 }, () => fetchFor(workspace, [url], deps)));
  assert.deepEqual(
    jobs.map(({ fetched }) => fetched.kind),
    ['failed', 'failed', 'failed'],
  );
  assert.equal(server.requestsOf('/f'), 3);
});

test('a file of which a process that was killed had only a part is never used', async () => {
  await using server = await startFileServer();
  await using workspace = await openWorkspace();
  const begun = Promise.withResolvers<void>();
  const conditions: (string | undefined)[] = [];
  const url = server.answer('/shared.jar', ({ headers }, response, attempt) => {
    conditions.push(headers['if-none-match']);
    response.writeHead(200, { etag: '"1"', 'content-length': '14' });
    if (attempt === 1) response.write('the who', () => begun.resolve());
    else response.end('the whole file');
  });
  const child = spawn(process.execPath, [FETCH_MAIN, url, workspace.folder], { stdio: 'inherit' });
  const ended = once(child, 'exit');
  await Promise.race([begun.promise, ended.then(() => assert.fail('it ended before it was killed'))]);
  child.kill('SIGKILL');
  await ended;
  const deps = await openDeps(workspace);
  assert.deepEqual(await readdir(join(workspace.folder, 'cache')), []);
  assert.deepEqual((await fetchFor(workspace, [url], deps)).texts, ['the whole file']);
  assert.deepEqual(conditions, [undefined, undefined]);
});
