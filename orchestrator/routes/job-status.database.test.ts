import assert from 'node:assert/strict';
import { test } from 'node:test';
import { registerWorker } from '@orca/database';
import { fillQueue } from '@orca/database/testing';
import { makeJob } from '../testing/make-job.ts';
import { errorOf, idOf } from '../testing/read-answer.ts';
import { startApi } from '../testing/start-api.ts';

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

test('a job’s status tells when it should be graded, where enough jobs were graded lately', async () => {
  await using api = await startApi();
  await fillQueue(api.databaseUrl, 300);
  await registerWorker(api.db, {
    ...{ workerId: 'w1', hostname: 'here', tokenHash: Buffer.alloc(32), version: '1', engineId: 'e' },
    slots: 300,
  });
  const id = idOf(await api.put(makeJob()));
  const answer = await api.request(`/api/v1/holding_pen/${id}/status`);
  assert.match(
    String(answer.body),
    /^Your job is number \d{3} in the queue\. It should be graded in about 19 seconds\.$/,
  );
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
    assert.equal(answer.headers.get('access-control-allow-origin'), '*');
  }
});

test('a page may read why a status cannot be told now, but no answer of another route', async () => {
  await using api = await startApi();
  const originOf = async (path: string) => {
    const { status, headers } = await api.request(path);
    return `${status} ${headers.get('access-control-allow-origin')}`;
  };
  assert.equal(await originOf('/api/v1/grading_queue'), '200 null');
  api.proxy.cut();
  assert.equal(await originOf('/api/v1/grading_queue/1/status'), '503 *');
  api.drain();
  assert.equal(await originOf('/api/v1/grader_images/status/x'), '503 *');
  assert.equal(await originOf('/api/v1/grading_queue'), '503 null');
});

test('a page that sends a header of its own may ask for a status, and for nothing else', async () => {
  await using api = await startApi();
  const headers = { origin: 'https://course.example.edu', 'access-control-request-method': 'GET' };
  for (const path of ['grading_queue/1/status', 'holding_pen/1/status']) {
    const answer = await fetch(`${api.url}/api/v1/${path}`, { method: 'OPTIONS', headers });
    assert.equal(answer.status, 204);
    assert.equal(answer.headers.get('access-control-allow-origin'), '*');
    assert.equal(answer.headers.get('access-control-allow-methods'), 'GET');
  }
  const write = await api.request('/api/v1/grading_queue', { method: 'OPTIONS', headers });
  assert.equal(write.headers.get('access-control-allow-origin'), null);
});
