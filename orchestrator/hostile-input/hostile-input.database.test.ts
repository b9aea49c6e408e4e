import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { countJobs } from '@orca/database';
import { makeJob } from '../testing/make-job.ts';
import { errorOf, idOf } from '../testing/read-answer.ts';
import { startApi, type TestApi } from '../testing/start-api.ts';
import { API_ROWS, SCRIPT_ROWS } from './rows.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
/** Traces of code, of SQL and of this machine. */
const INSIDES =
  /node_modules|\.ts:\d|\bat \w+ \(|\bselect\b .*\bfrom\b|insert into|syntax error|orca\.jobs|\/work\//i;
/** A row takes some milliseconds; far more on a busy machine. */
const ROW_MS_MAX = 2_000;

for (const [name, rows] of Object.entries({ 'A: API inputs': API_ROWS, 'C: grading scripts': SCRIPT_ROWS })) {
  test(`hostile rows ${name}: each gets its status and a sentence, and nothing is stored`, async (t) => {
    await using api = await startApi();
    for (const { id, what, body, status, code, says } of rows) {
      await t.test(`${id} ${what}`, async () => {
        const startedAt = performance.now();
        const init = { method: 'PUT', headers: JSON_TYPE, body };
        const answer = await api.request('/api/v1/grading_queue', init);
        assert.ok(performance.now() - startedAt < ROW_MS_MAX);
        assert.equal(answer.status, status, JSON.stringify(answer.body));
        const error = errorOf(answer);
        assert.equal(error.code, code, error.text);
        assert.match(error.text, says);
        assert.doesNotMatch(error.text, INSIDES);
      });
    }
    assert.equal(await countJobs(api.db), 0);
    assert.equal(Reflect.get({}, 'admin'), undefined, 'no prototype was changed');
    assert.doesNotMatch(api.log(), /a request met a defect/);
  });
}

const ODD_TEXTS = [
  "O'Brien",
  "'; DROP TABLE orca.jobs;--",
  "zz' UNION SELECT secret FROM orca.signing_secrets--",
  '<script>alert(1)</script>',
  '%',
  '\\',
  '$1',
  '#{7*7}',
  '😀 \u202e \u2028',
  JSON.stringify(JSON.stringify(JSON.stringify({ a: '"' }))),
];

test('A16, A17: SQL, HTML and odd characters in any text are kept as they are', async () => {
  await using api = await startApi();
  const ids = new Set<unknown>();
  for (const odd of ODD_TEXTS) {
    const job = makeJob({
      key: odd,
      collation: { type: 'team', id: odd },
      metadata_table: { [odd]: odd },
      script: [{ cmd: odd, label: odd, working_dir: odd, on_complete: 'output' }],
    });
    const first = await api.put(job);
    assert.equal(first.status, 200, `${odd}: ${JSON.stringify(first.body)}`);
    assert.equal(idOf(await api.put(job)), idOf(first), `${odd}: the same job again is the same job`);
    ids.add(idOf(first));
    const status = await api.request(`/api/v1/grading_queue/${idOf(first)}/status`);
    assert.match(String(status.body), /queue/);
  }
  assert.equal(ids.size, ODD_TEXTS.length);
  assert.equal(await countJobs(api.db), ODD_TEXTS.length);
});

test('A16: SQL and HTML in paths and queries find nothing, and are told so in a sentence', async () => {
  await using api = await startApi();
  for (const odd of [...ODD_TEXTS, '0', '-1', '1.5', '12abc', '9'.repeat(500), '\u0000', '../..', '..%2f..'])
    for (const path of [
      `grading_queue/${encodeURIComponent(odd)}/status`,
      `holding_pen/${encodeURIComponent(odd)}/status`,
      `grader_images/status/${encodeURIComponent(odd)}`,
      `grader_images/${encodeURIComponent(odd)}`,
      `grader_images?limit=${encodeURIComponent(odd)}`,
      `grader_images?offset=${encodeURIComponent(`${odd}x`)}`,
    ]) {
      const answer = await api.request(`/api/v1/${path}`);
      assert.ok(answer.status === 400 || answer.status === 404, `${path}: ${answer.status}`);
      assert.doesNotMatch(errorOf(answer).text, INSIDES);
    }
  assert.doesNotMatch(api.log(), /a request met a defect/);
});

test('A13: of a number that JSON holds twice over the last counts, and one past 2⁵³ is refused or kept', async () => {
  await using api = await startApi();
  const twice = JSON.stringify(makeJob()).replace('"priority":0', '"priority":"x","priority":0');
  assert.equal((await api.put(twice)).status, 200);
  const huge = JSON.stringify(makeJob()).replace('"priority":0', '"priority":9007199254740993');
  assert.equal((await api.put(huge)).status, 400);
});

/** Writes bytes to the API as they are and returns all that comes back. */
async function sendRaw(api: TestApi, bytes: string, end = false): Promise<string> {
  const socket = connect(api.port, '127.0.0.1');
  socket.on('error', () => {}); // it may be cut while we still write
  if (end) socket.end(bytes);
  else socket.write(bytes);
  return text(socket);
}

test('a body that is cut off, two lengths, or a length beside chunks are refused, and nothing is stored', async () => {
  await using api = await startApi();
  const body = JSON.stringify(makeJob());
  const put =
    'PUT /api/v1/grading_queue HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n';
  const length = `content-length: ${body.length}\r\n`;
  const rows: [what: string, bytes: string, end: boolean][] = [
    ['a body cut off half-way', `${put}${length}\r\n${body.slice(0, body.length / 2)}`, true],
    ['two lengths that differ', `${put}${length}content-length: 5\r\n\r\n${body}`, false],
    ['two lengths alike', `${put}${length}${length}\r\n${body}`, false],
    ['a length and chunks', `${put}${length}transfer-encoding: chunked\r\n\r\n0\r\n\r\n`, false],
    ['a length that is none', `${put}content-length: -1\r\n\r\n${body}`, false],
    ['chunks that are none', `${put}transfer-encoding: chunked\r\n\r\nzz\r\n${body}`, false],
  ];
  for (const [what, bytes, end] of rows) {
    const answer = await sendRaw(api, bytes, end);
    assert.match(answer, /^$|^HTTP\/1\.1 400 [\s\S]*"code":"invalid_request"/, what);
    assert.doesNotMatch(answer, INSIDES, what);
  }
  assert.equal(await countJobs(api.db), 0);
  assert.equal((await api.put(makeJob())).status, 200, 'and the server lives');
});

test('A06: a compressed body is refused before it is unpacked', async () => {
  await using api = await startApi();
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
  for (const encoding of ['gzip', 'deflate', 'br', 'identity, gzip', 'x']) {
    const headers = { ...JSON_TYPE, 'content-encoding': encoding };
    const answer = await api.request('/api/v1/grading_queue', { method: 'PUT', headers, body: bomb });
    assert.equal(answer.status, 415, encoding);
    assert.match(errorOf(answer).text, /uncompressed/);
  }
});

test('A04: no header that a caller can set changes who he is', async () => {
  await using api = await startApi({ production: true });
  const headers = {
    'x-forwarded-for': '127.0.0.1',
    'x-real-ip': '127.0.0.1',
    forwarded: 'for=127.0.0.1;host=course.example.edu',
    'x-forwarded-host': 'course.example.edu',
  };
  assert.equal((await api.put(makeJob(), headers)).status, 401);
});
