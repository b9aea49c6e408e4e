import assert from 'node:assert/strict';
import diagnostics from 'node:diagnostics_channel';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { claimBuild } from '@orca/database';
import { addKey } from './testing/add-key.ts';
import { readDocument } from './testing/fit-document.ts';
import { imageRequest, makeArchive, makeWorker } from './testing/make-image.ts';
import { makeJob } from './testing/make-job.ts';
import { startApi } from './testing/start-api.ts';

/** Who may ask. `foreign`: a client's key that names another host. */
const CALLERS = ['none', 'wrong', 'foreign', 'client', 'staff', 'admin', 'worker'] as const;
type Caller = (typeof CALLERS)[number];
type Row = {
  /** Method and path, as the router knows them. */
  route: string;
  /** The path that is asked for, where it has parameters. */
  ask?: string;
  body?: unknown;
  answers: Record<Caller, number>;
};

const everybody = (status: number): Record<Caller, number> => ({
  ...{ none: status, wrong: status, foreign: status, client: status },
  ...{ staff: status, admin: status, worker: status },
});
const anyKey = (status: number) => ({ ...everybody(status), none: 401, wrong: 401, worker: 401 });
const ownHost = (status: number) => ({ ...anyKey(status), foreign: 401 });
const staffOnly = (status: number) => ({ ...anyKey(status), foreign: 403, client: 403 });
const workerOnly = (status: number) => ({ ...everybody(401), worker: status });

const DOCKERFILE = 'FROM orca-grader-base\nRUN true\n';
const REQUEST = imageRequest(DOCKERFILE);
const SHA = REQUEST.dockerfile_sha_sum;

/** One row for each route of the API; a route without one fails the test. `READY` stands for an image that is there. */
const ROWS: readonly Row[] = [
  { route: 'GET /', answers: everybody(200) },
  { route: 'GET /api/v1/openapi.json', answers: everybody(200) },
  ...[
    ...['/docs', '/docs/json', '/docs/yaml'],
    ...['/docs/static/index.html', '/docs/static/swagger-initializer.js'],
  ].map((path) => ({ route: `GET ${path}`, answers: everybody(200) })),
  { route: 'HEAD /docs/', answers: everybody(200) },
  { route: 'GET /docs/static/*', ask: '/docs/static/swagger-ui.css', answers: everybody(200) },
  { route: 'GET /status', answers: everybody(200) },
  { route: 'GET /api/v1/status', answers: everybody(200) },
  { route: 'GET /healthz', answers: everybody(200) },
  { route: 'GET /readyz', answers: everybody(200) },
  {
    route: 'GET /api/v1/grading_queue/:jobID/status',
    ask: '/api/v1/grading_queue/1/status',
    answers: everybody(200),
  },
  {
    route: 'OPTIONS /api/v1/grading_queue/:jobID/status',
    ask: '/api/v1/grading_queue/1/status',
    answers: everybody(204),
  },
  {
    route: 'GET /api/v1/holding_pen/:jobID/status',
    ask: '/api/v1/holding_pen/1/status',
    answers: everybody(200),
  },
  {
    route: 'OPTIONS /api/v1/holding_pen/:jobID/status',
    ask: '/api/v1/holding_pen/1/status',
    answers: everybody(204),
  },
  {
    route: 'GET /api/v1/grader_images/status/:sha',
    ask: `/api/v1/grader_images/status/${SHA}`,
    answers: everybody(200),
  },
  {
    route: 'OPTIONS /api/v1/grader_images/status/:sha',
    ask: `/api/v1/grader_images/status/${SHA}`,
    answers: everybody(204),
  },
  { route: 'GET /images/:file', ask: '/images/READY.tgz', answers: workerOnly(200) },
  { route: 'HEAD /images/:file', ask: '/images/READY.tgz', answers: workerOnly(200) },
  { route: 'GET /api/v1/images/:file', ask: '/api/v1/images/READY.tgz', answers: workerOnly(200) },
  { route: 'HEAD /api/v1/images/:file', ask: '/api/v1/images/READY.tgz', answers: workerOnly(200) },
  { route: 'PUT /api/v1/grading_queue', body: makeJob(), answers: ownHost(200) },
  { route: 'PUT /api/v1/grading_queue/immediate', body: makeJob(), answers: ownHost(200) },
  { route: 'GET /api/v1/grading_queue', answers: anyKey(200) },
  // Each job is answered by itself: a foreign one is a 401 in the list.
  { route: 'PUT /api/v1/grading_queue/batch', body: { grading_jobs: [makeJob()] }, answers: anyKey(200) },
  {
    route: 'POST /api/v1/grading_queue/bulk',
    body: { action: 'cancel', filter: { metadata_table: { course: 'none' } }, dry_run: true },
    answers: anyKey(200),
  },
  {
    route: 'PUT /api/v1/grading_queue/move',
    body: { jobID: 4_000_000_000, moveAction: 'release' },
    answers: anyKey(404),
  },
  {
    route: 'DELETE /api/v1/grading_queue/:jobID',
    ask: '/api/v1/grading_queue/4000000000',
    answers: anyKey(404),
  },
  { route: 'POST /api/v1/validate_grading_job', body: makeJob(), answers: anyKey(200) },
  { route: 'POST /api/v1/validate_grading_script', body: makeJob().script, answers: anyKey(200) },
  { route: 'POST /api/v1/grader_images', body: REQUEST, answers: ownHost(200) },
  {
    route: 'POST /api/v1/grader_images/builds',
    body: { dockerfile_contents: DOCKERFILE },
    answers: staffOnly(200),
  },
  { route: 'GET /api/v1/grader_images', answers: staffOnly(200) },
  {
    route: 'GET /api/v1/grader_images/:sha',
    ask: `/api/v1/grader_images/${SHA}`,
    answers: anyKey(200),
  },
  {
    route: 'GET /api/v1/grader_images/:sha/builds/:number/log',
    ask: `/api/v1/grader_images/${SHA}/builds/1/log`,
    answers: anyKey(200),
  },
  { route: 'GET /api/v1/jobs/:jobID', ask: '/api/v1/jobs/1', answers: { ...anyKey(200), foreign: 404 } },
  { route: 'GET /api/v1/jobs/:jobID/result', ask: '/api/v1/jobs/1/result', answers: anyKey(404) },
  {
    route: 'GET /api/v1/jobs/:jobID/events',
    ask: '/api/v1/jobs/1/events',
    answers: { ...anyKey(200), foreign: 404 },
  },
  { route: 'GET /api/v1/events', answers: anyKey(200) },
  { route: 'GET /api/v1/deliveries', answers: anyKey(200) },
  { route: 'GET /api/v1/deliveries/:id', ask: '/api/v1/deliveries/999', answers: anyKey(404) },
  {
    route: 'POST /api/v1/deliveries/:id/send_again',
    ask: '/api/v1/deliveries/999/send_again',
    answers: staffOnly(404),
  },
  {
    route: 'POST /api/v1/deliveries/send_again',
    body: { client: 'course.example.edu' },
    answers: staffOnly(200),
  },
  { route: 'GET /api/v1/workers', answers: staffOnly(200) },
  { route: 'GET /api/v1/audit_trail', answers: { ...staffOnly(403), admin: 200 } },
];

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
