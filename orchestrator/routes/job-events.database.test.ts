import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noteCommands, revokeApiKey } from '@orca/database';
import { passTime } from '@orca/database/testing';
import { CommandEventSchema, StateEventSchema } from '@orca/protocol';
import { Value } from 'typebox/value';
import { addKey } from '../testing/add-key.ts';
import { claimByHand, finishByHand } from '../testing/grade-by-hand.ts';
import { listenEvents } from '../testing/listen-events.ts';
import { makeJob } from '../testing/make-job.ts';
import { idOf } from '../testing/read-answer.ts';
import { startApi } from '../testing/start-api.ts';

const COMMAND = {
  ...{ step: 0, cmd: 'make', stdout: 'ü \u2028 \u0000 ✓', stderr: '', is_error: false, timed_out: false },
  ...{ status_code: 0, wall_ms: 12, output_bytes: 9 },
};

test('GET /jobs/:jobID/events tells a job from its arrival to its end, each command, and again from Last-Event-ID', async () => {
  await using api = await startApi();
  const jobId = idOf(await api.put(makeJob()));
  const url = `${api.url}/api/v1/jobs/${jobId}/events`;
  await using live = await listenEvents(url);
  await live.received(1);
  const job = await claimByHand(api.db);
  await noteCommands(api.db, job, [COMMAND, { ...COMMAND, cmd: 'make check' }]);
  await finishByHand(api.db, job);
  await noteCommands(api.db, job, [COMMAND]); // too late: it has no lease any more
  const events = await live.received(5);
  assert.deepEqual(
    events.map(({ event, data }) => [event, event === 'state' ? data['state'] : data['cmd']]),
    [
      ['state', 'waiting'],
      ['state', 'grading'],
      ['command', 'make'],
      ['command', 'make check'],
      ['state', 'finished'],
    ],
  );
  for (const { event, data } of events) {
    const schema = event === 'state' ? StateEventSchema : CommandEventSchema;
    assert.deepEqual([...Value.Errors(schema, data)], [], JSON.stringify(data));
  }
  assert.equal(events[2]?.data['stdout'], COMMAND.stdout);
  assert.equal(events[4]?.data['outcome'], 'graded');
  assert.match(live.headers.get('content-type') ?? '', /^text\/event-stream/);
  assert.equal(live.headers.get('x-content-type-options'), 'nosniff');
  await using again = await listenEvents(url, { 'last-event-id': String(events[1]?.id) });
  assert.deepEqual(
    (await again.received(3)).map(({ id }) => id),
    events.slice(2).map(({ id }) => id),
  );
});

test('GET /events tells a key of its hosts, from now on, and of one job with ?job=', async () => {
  await using api = await startApi();
  await addKey(api.db, 'mine');
  await addKey(api.db, 'admin', 'admin', []);
  const admin = { 'x-api-key': 'admin' };
  await api.put(makeJob({ key: 'before' }), admin);
  const events = `${api.url}/api/v1/events`;
  await using mine = await listenEvents(events, { 'x-api-key': 'mine' });
  await using all = await listenEvents(events, admin);
  const foreign = idOf(await api.put(makeJob({ response_url: 'http://other.example.edu/1' }), admin));
  const own = idOf(await api.put(makeJob({ key: 'own' }), admin));
  const next = idOf(await api.put(makeJob({ key: 'next' }), admin));
  const ids = (heard: { data: Record<string, unknown> }[]) => heard.map(({ data }) => data['job_id']);
  assert.deepEqual(ids(await all.received(3)), [foreign, own, next]);
  assert.deepEqual(ids(await mine.received(2)), [own, next]);
  await using one = await listenEvents(`${events}?job=${next}`, {
    'x-api-key': 'mine',
    'last-event-id': '0',
  });
  assert.deepEqual(ids(await one.received(1)), [next]);
  for (const path of [`events?job=${foreign}`, `jobs/${foreign}/events`, 'jobs/999/events'])
    assert.equal(
      (await api.request(`/api/v1/${path}`, { headers: { 'x-api-key': 'mine' } })).status,
      404,
      path,
    );
  for (const id of ['x', '-1', '1.5']) {
    const { status } = await api.request('/api/v1/events', { headers: { ...admin, 'last-event-id': id } });
    assert.equal(status, 400, id);
  }
});

test('GET /events says that events are missing when the last one is not kept any more', async () => {
  await using api = await startApi();
  await api.put(makeJob());
  const url = `${api.url}/api/v1/events`;
  await using ahead = await listenEvents(url, { 'last-event-id': '4711' });
  assert.deepEqual(
    (await ahead.received(2)).map(({ event }) => event),
    ['gap', 'state'],
  );
});

test('GET /events lets as many streams of a key be open as it says, however they come', async () => {
  await using stack = new AsyncDisposableStack();
  const api = stack.use(await startApi());
  await addKey(api.db, 'mine');
  const stop = new AbortController();
  stack.defer(() => stop.abort());
  const headers = { 'x-api-key': 'mine' };
  const open = () => fetch(`${api.url}/api/v1/events`, { headers, signal: stop.signal });
  const answers = await Promise.all(Array.from({ length: 40 }, open));
  assert.equal(answers.filter(({ status }) => status === 200).length, 20);
  assert.equal(answers.filter(({ status }) => status === 503).length, 20);
});

test('GET /events ends when its key is revoked, and when the server closes', async () => {
  await using stack = new AsyncDisposableStack();
  const api = stack.use(await startApi());
  await addKey(api.db, 'mine');
  await addKey(api.db, 'other');
  const url = `${api.url}/api/v1/events`;
  await using mine = await listenEvents(url, { 'x-api-key': 'mine' });
  await using other = await listenEvents(url, { 'x-api-key': 'other' });
  await revokeApiKey(api.db, 1);
  await passTime(api.databaseUrl, 0);
  await mine.ended;
  const closing = stack.disposeAsync();
  await other.ended;
  await closing;
});
