import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimDelivery, recordContainer, recordDeliveryAttempt, returnJob } from '@orca/database';
import { passTime } from '@orca/database/testing';
import { JobDetailsSchema } from '@orca/protocol';
import { Value } from 'typebox/value';
import { addKey } from '../testing/add-key.ts';
import { claimByHand, finishByHand } from '../testing/grade-by-hand.ts';
import { makeJob } from '../testing/make-job.ts';
import { errorOf, idOf } from '../testing/read-answer.ts';
import { startApi, type TestApi } from '../testing/start-api.ts';

/** As results had them before unpacking was told apart. */
const OLD_TIMINGS = {
  ...{ queued_ms: 7_000, image_ms: 1, files_ms: 2, container_ms: 3, commands_ms: 4, total_ms: 7_010 },
};
const TIMINGS = { ...OLD_TIMINGS, unpack_ms: 5 };

async function show(api: TestApi, jobId: unknown, headers: Record<string, string> = {}) {
  const { status, body } = await api.request(`/api/v1/jobs/${jobId}`, { headers });
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual([...Value.Errors(JobDetailsSchema, body)], []);
  // Neither the job's key nor what stands in its URLs may be seen.
  assert.doesNotMatch(JSON.stringify(body), /s3cret|\?signature|\?token|files\/hello/);
  return Object(body);
}

test('GET /jobs/:jobID follows a job from the queue through its container to its delivery', async () => {
  await using api = await startApi();
  const jobId = idOf(await api.put(makeJob({ priority: 60 })));
  const delayed = await show(api, jobId);
  assert.partialDeepStrictEqual(delayed, {
    ...{ id: jobId, client: 'course.example.edu', state: 'waiting', phase: 'waiting', outcome: null },
    ...{ generation: 1, generations: [{ generation: 1, outcome: 'open' }], position: null },
    ...{ collation: { type: 'user', id: '42' }, metadata_table: { course: 'CS 1' }, deliveries: [] },
    ...{ claimed_at: null, worker_id: null, timings: { queued_ms: 0, total_ms: 0 } },
  });
  assert.equal(Date.parse(delayed.release_at) - Date.parse(delayed.arrived_at), 60_000);
  await passTime(api.databaseUrl, 67);
  const released = await show(api, jobId);
  assert.equal(released.position, 1);
  assert.ok(released.timings.queued_ms >= 7_000);

  const job = await claimByHand(api.db);
  const fetching = await show(api, jobId);
  assert.partialDeepStrictEqual(fetching, { state: 'grading', phase: 'fetching', position: null });
  assert.ok(fetching.worker_id.length > 0 && fetching.timings.queued_ms >= 7_000);
  await recordContainer(api.db, { ...job, container: 'orca-0123456789ab' });
  assert.partialDeepStrictEqual(await show(api, jobId), {
    ...{ phase: 'running', container: 'orca-0123456789ab' },
  });
  await finishByHand(api.db, job, { output: '"timings":{"queued_ms":1}', timings: TIMINGS });
  const finished = await show(api, jobId);
  assert.partialDeepStrictEqual(finished, {
    ...{ state: 'finished', phase: 'finished', outcome: 'graded', timings: TIMINGS, container: null },
    deliveries: [{ kind: 'result', state: 'pending', attempts: 0, last_try: null, generation: 1 }],
  });
  assert.equal(Date.parse(finished.claimed_at) - Date.parse(finished.release_at), TIMINGS.queued_ms);

  const delivery = await claimDelivery(api.db, { serverId: 'a test', leaseSeconds: 60 });
  assert.ok(delivery !== null);
  const tried = { statusCode: 503, durationMs: 9, answerStart: 'later', error: null };
  await recordDeliveryAttempt(api.db, { ...delivery, ...tried, outcome: { kind: 'retry' } });
  const [told] = (await show(api, jobId)).deliveries;
  assert.partialDeepStrictEqual(told, { state: 'pending', attempts: 1, last_try: { status_code: 503 } });
  assert.ok(Date.parse(told.next_try_at) > Date.parse(told.last_try.at));
});

test('GET /jobs/:jobID knows no time for a phase that the result of an older worker does not tell', async () => {
  await using api = await startApi();
  const jobId = idOf(await api.put(makeJob()));
  await finishByHand(api.db, await claimByHand(api.db), { timings: OLD_TIMINGS });
  assert.deepEqual((await show(api, jobId)).timings, { ...OLD_TIMINGS, unpack_ms: null });
});

test('GET /jobs/:jobID tells faults, back-off and superseded generations', async () => {
  await using api = await startApi();
  const jobId = idOf(await api.put(makeJob()));
  await api.put(makeJob({ metadata_table: { course: 'CS 2' } }));
  const job = await claimByHand(api.db);
  await returnJob(api.db, { ...job, reason: 'fault', cause: 'The engine does not answer' });
  const shown = await show(api, jobId);
  assert.partialDeepStrictEqual(shown, {
    ...{ state: 'waiting', faults: 1, last_fault: 'The engine does not answer', generation: 2 },
    generations: [
      { generation: 2, outcome: 'open' },
      { generation: 1, outcome: 'superseded', grading_id: null },
    ],
  });
  assert.ok(Date.parse(shown.not_before) > Date.parse(shown.release_at));
});

test('GET /jobs/:jobID/result is the result byte for byte, also of an older generation', async () => {
  await using api = await startApi();
  const jobId = idOf(await api.put(makeJob()));
  const path = `/api/v1/jobs/${jobId}/result`;
  const none = await api.request(path);
  assert.equal(none.status, 404);
  assert.match(errorOf(none).text, /Job 1 has no result; it is in generation 1\. Your job is number 1/);
  const first = await finishByHand(api.db, await claimByHand(api.db), { output: 'ü \u2028 \u0000 ✓' });
  const read = async (query = '') => {
    const answer = await fetch(`${api.url}${path}${query}`);
    return { status: answer.status, text: await answer.text(), id: answer.headers.get('webhook-id') };
  };
  const answered = await read();
  assert.equal(answered.text, first);
  assert.match(answered.id ?? '', /^msg_/);
  await api.put(makeJob({ metadata_table: { course: 'CS 2' } }));
  assert.equal((await read()).text, first, 'the last result, while there is no newer one');
  assert.equal((await read('?generation=2')).status, 404);
  const second = await finishByHand(api.db, await claimByHand(api.db), { output: 'second' });
  assert.equal((await read()).text, second);
  assert.equal((await read('?generation=1')).text, first);
  assert.equal((await show(api, jobId)).deliveries[0].state, 'pending', 'reading delivers nothing');
  for (const query of ['?generation=0', '?generation=x', '?generation=2147483648', '?other=1'])
    assert.equal((await read(query)).status, 400, query);
});

test('POST /jobs/find and find_result know a job by the key of its client', async () => {
  await using api = await startApi();
  await addKey(api.db, 'mine');
  await addKey(api.db, 'foreign', 'staff', ['other.example.edu']);
  const job = makeJob({ key: 'submission 1 of ada; { "secret": "\u00fc" }' });
  const ask = (route: string, body: unknown, apiKey = 'mine') =>
    fetch(`${api.url}/api/v1/jobs/${route}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': apiKey },
      body: JSON.stringify(body),
    });
  const name = { key: job.key, response_url: job.response_url };
  assert.equal((await ask('find', name)).status, 404);
  const jobId = idOf(await api.put(job, { 'x-api-key': 'mine' }));
  const found = await ask('find', name);
  assert.equal(found.status, 200);
  const shown: unknown = await found.json();
  assert.partialDeepStrictEqual(shown, { id: jobId, state: 'waiting', position: 1 });
  assert.deepEqual([...Value.Errors(JobDetailsSchema, shown)], []);
  const early = await ask('find_result', name);
  assert.equal(early.status, 404);
  assert.match(await early.text(), /Job 1 has no result; it is in generation 1\. Your job is number 1/);
  const result = await finishByHand(api.db, await claimByHand(api.db), { output: 'ü' });
  const answered = await ask('find_result', name);
  assert.equal(answered.status, 200);
  assert.equal(await answered.text(), result);
  assert.match(answered.headers.get('webhook-id') ?? '', /^msg_/);
  for (const other of [{ key: 'another' }, { response_url: `${job.response_url}2` }]) {
    assert.equal((await ask('find', { ...name, ...other })).status, 404);
    assert.equal((await ask('find_result', { ...name, ...other })).status, 404);
  }
  for (const route of ['find', 'find_result']) {
    const foreign = await ask(route, name, 'foreign');
    assert.equal(foreign.status, 401, 'as if the key were wrong');
    assert.match(await foreign.text(), /"code":"unauthorized"/);
    for (const wrong of [
      {},
      { ...name, more: 1 },
      { ...name, key: 1 },
      { ...name, response_url: 'x' },
      'x',
      null,
    ]) {
      const refused = await ask(route, wrong);
      assert.equal(refused.status, 400, JSON.stringify(wrong));
      assert.doesNotMatch(await refused.text(), /submission 1 of ada/);
    }
  }
});

test('GET /jobs/:jobID and its result answer a key of another host as if there were no such job', async () => {
  await using api = await startApi();
  await addKey(api.db, 'mine');
  await addKey(api.db, 'foreign', 'client', ['other.example.edu']);
  await addKey(api.db, 'foreign staff', 'staff', ['other.example.edu']);
  await addKey(api.db, 'admin', 'admin', []);
  const jobId = idOf(await api.put(makeJob(), { 'x-api-key': 'mine' }));
  await finishByHand(api.db, await claimByHand(api.db));
  for (const route of ['', '/result']) {
    const path = `/api/v1/jobs/${jobId}${route}`;
    const unknown = await api.request(`/api/v1/jobs/999${route}`, { headers: { 'x-api-key': 'mine' } });
    assert.equal(unknown.status, 404);
    for (const key of ['foreign', 'foreign staff']) {
      const answer = await api.request(path, { headers: { 'x-api-key': key } });
      assert.equal(answer.status, 404, key);
      assert.equal(errorOf(answer).text, errorOf(unknown).text.replace('999', String(jobId)));
    }
    for (const key of ['mine', 'admin'])
      assert.equal((await api.request(path, { headers: { 'x-api-key': key } })).status, 200, key);
  }
});
