import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countJobs } from '@orca/database';
import { makeJob } from '../testing/make-job.ts';
import { errorOf } from '../testing/read-answer.ts';
import { startApi } from '../testing/start-api.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

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

test('validation and PUT tell of limits that are lowered, validation also of commands that never run', async () => {
  await using api = await startApi();
  const send = (method: string, path: string, body: unknown) =>
    api.request(`/api/v1/${path}`, { method, headers: JSON_TYPE, body: JSON.stringify(body) });
  const script = [
    { cmd: 'a', on_complete: 'c' },
    { cmd: 'b', on_complete: 'output' },
    { cmd: 'c', label: 'c', on_complete: 'output' },
  ];
  const job = { ...makeJob(), script, limits: { wall_seconds: 601 }, network: 'full' };
  const checked = JSON.stringify((await send('POST', 'validate_grading_job', job)).body);
  for (const says of [
    /"limits\.wall_seconds: lowered from 601 to 600/,
    /"network: /,
    /"script\[1\]: .*never runs/,
  ])
    assert.match(checked, says);
  const alone = JSON.stringify((await send('POST', 'validate_grading_script', script)).body);
  assert.match(alone, /"warnings":\["script\[1\]: .*never runs"\]/);
  const put = await send('PUT', 'grading_queue', job);
  assert.equal(put.status, 200);
  assert.match(JSON.stringify(put.body), /"warnings":\["limits\.wall_seconds: .*","network: /);
});
