import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { countJobs } from '@orca/database';
import { makeJob } from './testing/make-job.ts';
import { startApi, type TestApi } from './testing/start-api.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const MIB = 1024 * 1024;

/** Checks the form of an error and returns its code and sentences. */
function errorOf({ body }: { body: unknown }): { code: unknown; text: string } {
  assert.ok(typeof body === 'object' && body !== null && 'errors' in body && Array.isArray(body.errors));
  assert.ok('code' in body && 'request_id' in body && typeof body.request_id === 'string');
  assert.deepEqual(Object.keys(body).sort(), ['code', 'errors', 'request_id']);
  assert.ok(body.errors.length > 0 && body.errors.every((sentence) => typeof sentence === 'string'));
  return { code: body.code, text: body.errors.join('\n') };
}

function idOf({ body }: { body: unknown }): unknown {
  assert.ok(typeof body === 'object' && body !== null && 'status' in body);
  assert.ok(typeof body.status === 'object' && body.status !== null && 'id' in body.status);
  return body.status.id;
}

/** Writes bytes to the API as they are and returns all that comes back. */
async function sendRaw(api: TestApi, bytes: string): Promise<string> {
  const socket = connect(api.port, '127.0.0.1');
  socket.on('error', () => {}); // it may be cut while we still write
  socket.write(bytes);
  return text(socket);
}

test('PUT /grading_queue stores a job and answers its id', async () => {
  await using api = await startApi();
  const answer = await api.put(makeJob());
  assert.equal(answer.status, 200);
  const id = idOf(answer);
  assert.ok(Number.isSafeInteger(id));
  assert.deepEqual(answer.body, { message: 'OK', status: { location: 'Queue', id } });
  assert.equal(await countJobs(api.db), 1);
  assert.match(api.log(), /"msg":"job put"/);
  assert.doesNotMatch(api.log(), /s3cret|grades\/17|hello\.zip/, 'no key and no URL is logged');
});

test('PUT /grading_queue of the same job, fifty times at once, is one job', async () => {
  await using api = await startApi();
  const answers = await Promise.all(Array.from({ length: 50 }, () => api.put(makeJob())));
  assert.deepEqual(new Set(answers.map((answer) => answer.status)), new Set([200]));
  assert.equal(new Set(answers.map(idOf)).size, 1);
  assert.equal(await countJobs(api.db), 1);
});

test('PUT /grading_queue/immediate stores a job too', async () => {
  await using api = await startApi();
  const body = JSON.stringify(makeJob({ priority: 600 }));
  const answer = await api.request('/api/v1/grading_queue/immediate', {
    method: 'PUT',
    headers: JSON_TYPE,
    body,
  });
  assert.equal(answer.status, 200);
  const status = await api.request(`/api/v1/grading_queue/${idOf(answer)}/status`);
  assert.equal(status.body, 'Your job is number 1 in the queue.');
});

test('PUT /grading_queue says what it accepted and does not use', async () => {
  await using api = await startApi();
  const answer = await api.put(makeJob({ container_response_url: 'http://course.example.edu/c' }));
  assert.equal(answer.status, 200);
  assert.ok(typeof answer.body === 'object' && answer.body !== null && 'warnings' in answer.body);
  assert.match(String(answer.body.warnings), /container_response_url/);
});

test('PUT /grading_queue refuses each kind of bad body with its status, code and a sentence', async () => {
  await using api = await startApi();
  const deep = `{"key":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  const nested = (depth: number): unknown => (depth === 0 ? [] : [{ cmd: 'x', on_fail: nested(depth - 1) }]);
  const rows: [what: string, body: unknown, status: number, code: string, says: RegExp][] = [
    ['malformed', '{"key": ', 400, 'invalid_json', /JSON/],
    ['empty', '', 400, 'missing_body', /body/],
    ['null', 'null', 400, 'invalid_job', /./],
    ['a list', '[]', 400, 'invalid_job', /./],
    ['a text', '"x"', 400, 'invalid_job', /./],
    ['too deep', deep, 400, 'invalid_json', /deeper than 64/],
    ['an empty script', makeJob({ script: [] }), 400, 'invalid_job', /script/],
    [
      'an unknown field',
      { ...makeJob(), responce_url: 'x' },
      400,
      'invalid_job',
      /responce_url.*response_url/,
    ],
    ['a wrong type', { ...makeJob(), priority: '60' }, 400, 'invalid_job', /priority/],
    [
      'an endless number',
      JSON.stringify(makeJob()).replace('"priority":0', '"priority":1e400'),
      400,
      'invalid_job',
      /priority/,
    ],
    ['a missing field', { ...makeJob(), files: undefined }, 400, 'invalid_job', /files/],
    ['NUL in the key', makeJob({ key: 'a\0b' }), 400, 'invalid_job', /NUL/],
    [
      '__proto__',
      `{"__proto__":{"admin":true},${JSON.stringify(makeJob()).slice(1)}`,
      400,
      'invalid_json',
      /__proto__/,
    ],
    [
      'an image that is not built',
      makeJob({ grader_image_sha: 'a'.repeat(64) }),
      400,
      'unknown_image',
      /a{64}/,
    ],
    ['a script too deep', { ...makeJob(), script: nested(20) }, 400, 'invalid_job', /deeper than 16/],
    ['past 1 MiB', makeJob({ key: 'k'.repeat(MIB) }), 413, 'body_too_large', /1 MiB/],
  ];
  for (const [what, body, status, code, says] of rows) {
    const answer = await api.put(body);
    assert.equal(answer.status, status, `${what}: ${JSON.stringify(answer.body)}`);
    const error = errorOf(answer);
    assert.equal(error.code, code, what);
    assert.match(error.text, says, what);
    assert.doesNotMatch(error.text, /node_modules|\bat \w+ \(|select |insert |Ajv|FST_/i, what);
  }
  assert.equal(await countJobs(api.db), 0);
  assert.doesNotMatch(api.log(), /"level":"(error|fatal)"/);
});

test('the API takes a body of exactly 1 MiB and refuses one of a byte more', async () => {
  await using api = await startApi();
  const frame = JSON.stringify({ message: '' }).length;
  const validate = (bytes: number) =>
    api.request('/api/v1/validate_grading_script', {
      method: 'POST',
      headers: JSON_TYPE,
      body: JSON.stringify({ message: 'x'.repeat(bytes - frame) }),
    });
  assert.equal((await validate(MIB)).status, 200);
  assert.equal((await validate(MIB + 1)).status, 413);
});

test('the API takes uncompressed application/json only', async () => {
  await using api = await startApi();
  const body = JSON.stringify(makeJob());
  const rows: [Record<string, string>, number][] = [
    [{ 'content-type': 'text/plain' }, 415],
    [{ 'content-type': 'multipart/form-data; boundary=x' }, 415],
    [{ 'content-type': 'application/x-www-form-urlencoded' }, 415],
    [{ 'content-type': 'application/jsonx' }, 415],
    [{ ...JSON_TYPE, 'content-encoding': 'gzip' }, 415],
    [{ 'content-type': 'application/json; charset=utf-8' }, 200],
    [{ ...JSON_TYPE, 'content-encoding': 'identity' }, 200],
  ];
  for (const [headers, status] of rows) {
    const answer = await api.request('/api/v1/grading_queue', { method: 'PUT', headers, body });
    assert.equal(answer.status, status, JSON.stringify(headers));
    if (status === 415) assert.match(errorOf(answer).text, /send/);
  }
  const bare = await sendRaw(
    api,
    `PUT /api/v1/grading_queue HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}`,
  );
  assert.match(bare, /^HTTP\/1\.1 415 /);
});

test('a job’s status is a sentence for anybody, the same from both routes', async () => {
  await using api = await startApi();
  const first = idOf(await api.put(makeJob({ key: 'first' })));
  const second = idOf(await api.put(makeJob({ key: 'second', collation: { type: 'team', id: '7' } })));
  const later = idOf(
    await api.put(makeJob({ key: 'later', priority: 3_600, collation: { type: 'team', id: '8' } })),
  );
  const rows: [unknown, RegExp][] = [
    [first, /^Your job is number 1 in the queue\.$/],
    [second, /^Your job is number 2 in the queue\.$/],
    [later, /^Your job will be released for grading in 60 minutes/],
    [99_999_999_999, /^No job with this number is known\.$/],
    [Number.MAX_SAFE_INTEGER, /^No job with this number is known\.$/],
  ];
  for (const [id, sentence] of rows) {
    for (const route of ['grading_queue', 'holding_pen']) {
      const answer = await api.request(`/api/v1/${route}/${id}/status`, {
        headers: { 'x-api-key': 'wrong' },
      });
      assert.equal(answer.status, 200);
      assert.match(String(answer.body), sentence);
      assert.equal(answer.headers.get('access-control-allow-origin'), '*');
      assert.match(answer.headers.get('content-type') ?? '', /^application\/json/);
    }
  }
});

test('a status route refuses what is no id', async () => {
  await using api = await startApi();
  const ids = [
    '0',
    '-1',
    '1.5',
    '12abc',
    '1e3',
    '%00',
    '..%2f..',
    '%20',
    '01',
    '9'.repeat(17),
    '9'.repeat(500),
  ];
  for (const id of ids) {
    const answer = await api.request(`/api/v1/grading_queue/${id}/status`);
    assert.equal(answer.status, 400, id);
    assert.equal(errorOf(answer).code, 'invalid_request');
  }
});

test('the public routes say what this is and how many jobs wait', async () => {
  await using api = await startApi({ production: true });
  await api.put(makeJob());
  for (const path of ['/status', '/api/v1/status']) {
    const answer = await api.request(path);
    assert.deepEqual(answer.body, { message: 'ok', numJobs: 0 });
  }
  const root = await api.request('/');
  assert.equal(root.status, 200);
  assert.match(JSON.stringify(root.body), /Orca/);
});

test('POST /validate_grading_job and /validate_grading_script say all that is wrong and store nothing', async () => {
  await using api = await startApi();
  const post = (path: string, body: unknown) =>
    api.request(`/api/v1/${path}`, { method: 'POST', headers: JSON_TYPE, body: JSON.stringify(body) });
  const good = await post('validate_grading_job', makeJob());
  assert.equal(good.status, 200);
  assert.ok(typeof good.body === 'object' && good.body !== null && 'message' in good.body);
  const bad = await post('validate_grading_job', { ...makeJob(), priority: 'x', key: 1 });
  assert.equal(bad.status, 200);
  assert.ok(typeof bad.body === 'object' && bad.body !== null && 'errors' in bad.body);
  assert.match(String(bad.body.errors), /priority/);
  assert.match(String(bad.body.errors), /key/);
  const cyclic = [{ cmd: 'a', label: 'x', on_complete: 'x' }];
  for (const body of [cyclic, { script: cyclic }]) {
    assert.match(
      JSON.stringify((await post('validate_grading_script', body)).body),
      /"errors":\[".*script\[0\]/,
    );
  }
  const script = await post('validate_grading_script', makeJob().script);
  assert.deepEqual(script.body, { message: 'The grading script is valid.' });
  const none = await api.request('/api/v1/validate_grading_job', { method: 'POST' });
  assert.equal(none.status, 400);
  assert.equal(errorOf(none).code, 'missing_body');
  assert.equal(await countJobs(api.db), 0);
});

test('an unknown route, a broken path and a broken request are errors in the contract’s form', async () => {
  await using api = await startApi();
  for (const path of ['/api/v1/nope', '/nope', '/api/v1/grading_queue/17', '/api/v2/grading_queue']) {
    const answer = await api.request(path);
    assert.equal(answer.status, 404, path);
    assert.equal(errorOf(answer).code, 'not_found');
  }
  assert.equal(errorOf(await api.request('/%zz')).code, 'invalid_request');
  const rows: [string, number][] = [
    ['NOT HTTP AT ALL\r\n\r\n', 400],
    [`GET / HTTP/1.1\r\nhost: x\r\nx-api-key: ${'k'.repeat(20_000)}\r\n\r\n`, 431],
    ['GET / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n', 400],
  ];
  for (const [bytes, status] of rows) {
    const answer = await sendRaw(api, bytes);
    assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `), bytes.slice(0, 20));
    errorOf({ body: JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))) });
  }
});

test('every answer carries its id and forbids browsers to make more of it', async () => {
  await using api = await startApi();
  for (const path of ['/', '/api/v1/status', '/nope', '/api/v1/grading_queue/1/status']) {
    const { headers } = await api.request(path);
    assert.match(headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'.*frame-ancestors 'none'/);
  }
});

test('no page of another origin may write', async () => {
  await using api = await startApi();
  const headers = { origin: 'http://evil.example', 'access-control-request-method': 'PUT' };
  const preflight = await api.request('/api/v1/grading_queue', { method: 'OPTIONS', headers });
  assert.equal(preflight.headers.get('access-control-allow-origin'), null);
  const put = await api.put(makeJob(), { origin: 'http://evil.example' });
  assert.equal(put.headers.get('access-control-allow-origin'), null);
});

test('the API answers 503 with Retry-After while the database is away, and recovers by itself', async () => {
  await using api = await startApi();
  assert.equal((await api.put(makeJob())).status, 200);
  api.proxy.cut();
  for (const answer of [
    await api.put(makeJob({ key: 'k2' })),
    await api.request('/api/v1/status'),
    await api.request('/api/v1/grading_queue/1/status'),
  ]) {
    assert.equal(answer.status, 503);
    assert.match(String(errorOf(answer).code), /^(database_unreachable|outcome_unknown)$/);
    assert.ok(Number(answer.headers.get('retry-after')) >= 1);
  }
  api.proxy.mend();
  assert.equal((await api.put(makeJob({ key: 'k2' }))).status, 200);
});

test('a server that is about to end turns requests away with 503', async () => {
  await using api = await startApi();
  api.drain();
  const answer = await api.put(makeJob());
  assert.equal(answer.status, 503);
  assert.equal(errorOf(answer).code, 'draining');
  assert.ok(Number(answer.headers.get('retry-after')) >= 1);
  assert.equal(await countJobs(api.db), 0);
});
