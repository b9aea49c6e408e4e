import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordContainer } from '@orca/database';
import { passTime } from '@orca/database/testing';
import { WorkerListSchema } from '@orca/protocol';
import { Value } from 'typebox/value';
import { addKey } from '../testing/add-key.ts';
import { claimByHand } from '../testing/grade-by-hand.ts';
import { makeWorker } from '../testing/make-image.ts';
import { makeJob } from '../testing/make-job.ts';
import { startApi } from '../testing/start-api.ts';

test('GET /workers shows each worker with its jobs, to staff those of their hosts', async () => {
  await using api = await startApi();
  await addKey(api.db, 'admin', 'admin', []);
  await addKey(api.db, 'staff', 'staff');
  const show = async (key: string) => {
    const { body } = await api.request('/api/v1/workers', { headers: { 'x-api-key': key } });
    assert.deepEqual([...Value.Errors(WorkerListSchema, body)], []);
    return Object(body).workers;
  };
  await api.put(makeJob({ response_url: 'http://other.example.edu/1' }), { 'x-api-key': 'admin' });
  const job = await claimByHand(api.db);
  await recordContainer(api.db, { ...job, container: 'orca-0123456789ab' });
  const [worker, ...others] = await show('admin');
  assert.equal(others.length, 0);
  assert.partialDeepStrictEqual(worker, {
    ...{ hostname: 'test', version: '0', slots: 1, busy: 1, state: 'working' },
    runs: [{ job_id: job.jobId, generation: 1, client: 'other.example.edu', phase: 'running' }],
  });
  assert.partialDeepStrictEqual(await show('staff'), [{ id: worker.id, busy: 1, runs: [] }]);
  await passTime(api.databaseUrl, 90);
  await makeWorker(api.db);
  const states = (await show('admin')).map((one: { state: string }) => one.state);
  assert.deepEqual(states.sort(), ['silent', 'working']);
});
