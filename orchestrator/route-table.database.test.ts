import assert from 'node:assert/strict';
import diagnostics from 'node:diagnostics_channel';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { claimBuild } from '@orca/database';
import { addKey } from './testing/add-key.ts';
import { readDocument } from './testing/fit-document.ts';
import { startApi } from './testing/start-api.ts';
import { makeArchive, makeWorker } from './testing/make-image.ts';
import { type Caller, CALLERS, REQUEST, type Row, ROWS } from './testing/route-rows.ts';

/** Every route that a server is given from now on, as `METHOD /path`: what the framework tells of itself. */
function noteRoutes(): { routes: Set<string>; stop(): void } {
  const routes = new Set<string>();
  const onServer = (message: unknown): void => {
    Object(message).fastify.addHook(
      'onRoute',
      ({ method, url }: { method: string | string[]; url: string }) => {
        for (const one of [method].flat()) routes.add(`${one} ${url}`);
      },
    );
  };
  diagnostics.subscribe('fastify.initialization', onServer);
  return { routes, stop: () => void diagnostics.unsubscribe('fastify.initialization', onServer) };
}

/** The framework's own HEAD routes answer as their GET does. */
function headRows(routes: ReadonlySet<string>): Row[] {
  const known = new Set(ROWS.map(({ route }) => route));
  return ROWS.filter(({ route }) => route.startsWith('GET '))
    .map((row) => ({ ...row, route: row.route.replace('GET', 'HEAD') }))
    .filter(({ route }) => routes.has(route) && !known.has(route));
}

async function startWithCallers() {
  await using opened = new AsyncDisposableStack();
  const imageFolder = await mkdtemp(path.join(os.tmpdir(), 'orca-images-'));
  opened.defer(() => rm(imageFolder, { recursive: true, force: true }));
  const noted = noteRoutes();
  const api = opened.use(await startApi({ imageFolder }));
  noted.stop();
  const archive = await makeArchive(api.db, imageFolder);
  const worker = await makeWorker(api.db);
  await addKey(api.db, 'foreign key', 'client', ['other.example.edu']);
  await addKey(api.db, 'client key', 'client');
  await addKey(api.db, 'staff key', 'staff');
  await addKey(api.db, 'admin key', 'admin', []);
  const key = (value: string) => ({ 'x-api-key': value });
  const headers: Record<Caller, Record<string, string>> = {
    ...{ none: {}, wrong: key('wrong key'), foreign: key('foreign key'), client: key('client key') },
    ...{ staff: key('staff key'), admin: key('admin key') },
    worker: { authorization: worker.authorization },
  };
  const stack = opened.move();
  return { api, archive, headers, ...noted, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

test('every route answers each caller as its row and the OpenAPI document say, and every route has a row', async () => {
  await using started = await startWithCallers();
  const { api, archive, headers, routes } = started;
  const rows = [...ROWS, ...headRows(routes)];
  const known = new Set(rows.map(({ route }) => route));
  assert.ok(routes.size > 0);
  const missing = [...routes].filter((route) => !known.has(route));
  assert.deepEqual(missing, [], 'give each of these a row');
  const gone = [...known].filter((route) => !routes.has(route));
  assert.deepEqual(gone, [], 'these are no routes any more');

  const fit = await readDocument(api.url);
  await api.postImage(REQUEST, headers.admin);
  assert.ok((await claimBuild(api.db, { builderId: 'a test', leaseSeconds: 60 })) !== null);
  for (const { route, ask, body, answers } of rows) {
    const [method = '', pattern = ''] = route.split(' ');
    const url = `${api.url}${(ask ?? pattern).replace('READY', archive.sha)}`;
    for (const caller of CALLERS) {
      const sent = body === undefined ? {} : { body: JSON.stringify(body) };
      const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
      const answer = await fetch(url, { method, headers: { ...headers[caller], ...type }, ...sent });
      const contentType = answer.headers.get('content-type');
      // A stream of events has no end.
      const isStream = contentType?.startsWith('text/event-stream') ?? false;
      const text = isStream ? '' : await answer.text();
      if (isStream) await answer.body?.cancel();
      assert.equal(answer.status, answers[caller], `${route} as ${caller}`);
      fit(route, { status: answer.status, type: contentType, text });
    }
  }
});

/** What any page may read: a sentence about a job or an image. */
const isSentence = (route: string): boolean =>
  /^(GET|OPTIONS) .*\/(:jobID\/status|status\/:sha)$/.test(route);
const ALLOWANCES = ['origin', 'methods', 'headers', 'credentials'].map(
  (what) => `access-control-allow-${what}`,
);

test('A31: pages of other origins may read the sentences of status, and are allowed nothing else', async () => {
  await using started = await startWithCallers();
  const { api, archive, headers } = started;
  for (const { route, ask } of ROWS) {
    const [method = '', pattern = ''] = route.split(' ');
    const url = `${api.url}${(ask ?? pattern).replace('READY', archive.sha)}`;
    const origin = 'https://evil.example';
    const asking = {
      origin,
      'access-control-request-method': method,
      'access-control-request-headers': 'x-api-key',
    };
    const preflight = await fetch(url, { method: 'OPTIONS', headers: asking });
    const answer = await fetch(url, { method, headers: { ...headers.admin, origin } });
    await answer.body?.cancel();
    const allowed = [preflight, answer].map((each) => ALLOWANCES.map((name) => each.headers.get(name)));
    const expected = isSentence(route)
      ? [['*', 'GET', '*', null], method === 'OPTIONS' ? ['*', 'GET', '*', null] : ['*', null, null, null]]
      : [
          [null, null, null, null],
          [null, null, null, null],
        ];
    assert.deepEqual(allowed, expected, route);
  }
});

test('A32: metrics are not on the port of the API', async () => {
  await using started = await startWithCallers();
  for (const headers of Object.values(started.headers))
    assert.equal((await fetch(`${started.api.url}/metrics`, { headers })).status, 404);
});
