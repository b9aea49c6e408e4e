import assert from 'node:assert/strict';
import { test } from 'node:test';
import { REPOSITORY } from './repository.ts';
import { call } from './testing/call-program.ts';
import { USAGE_STATUS, UserError } from './user-error.ts';

test('orca trace takes the number of a job', async () => {
  assert.deepEqual((await call('trace', '17', '--json')).calls, ['trace', 17, { json: true }]);
  for (const args of [[], ['0'], ['last']])
    await assert.rejects(call('trace', ...args), { name: 'CommanderError' });
});

test('orca queue takes a filter and a page, and its commands the number of a job', async () => {
  const plain = { json: false, limit: 20, offset: 0 };
  assert.deepEqual((await call('queue')).calls, ['queue', plain]);
  const filtered = await call('queue', '--where', 'course=a=b', '--limit', '50', '--offset', '100');
  assert.deepEqual(filtered.calls, [
    'queue',
    { json: false, limit: 50, offset: 100, where: ['course', 'a=b'] },
  ]);
  assert.deepEqual((await call('queue', 'release', '17')).calls, ['release', 17, { json: false }]);
  for (const args of [
    ['--where', 'course'],
    ['--where', '=x'],
    ['--limit', '51'],
    ['cancel', '0'],
    ['delay'],
  ])
    await assert.rejects(call('queue', ...args), { name: 'CommanderError' });
});

test('orca queue bulk has its own filter, which may name several fields, and takes no option of the list', async () => {
  const { calls } = await call(
    ...['queue', 'bulk', 'regrade', '--where', 'course=CS 1', '--where', 'hw=a=b'],
    ...['--submitter', 'user:a:b', '--json'],
  );
  const where = [
    ['course', 'CS 1'],
    ['hw', 'a=b'],
  ];
  const submitter = { type: 'user', id: 'a:b' };
  assert.deepEqual(calls, ['bulk', 'regrade', { json: true, yes: false, where, submitter }]);
  await assert.rejects(call('queue', 'bulk', 'regrade', '--limit', '5'), /unknown option '--limit'/);
  await assert.rejects(call('queue', 'bulk', 'grade'), /Allowed choices are cancel, release, delay, regrade/);
});

test('orca simulate makes up a course of 300 students for one worker with two slots, unless it is told otherwise', async () => {
  const { calls } = await call('simulate', '--workers', '4', '--grading-seconds', '5');
  assert.deepEqual(calls, [
    'simulate',
    undefined,
    {
      ...{ workers: 4, slots: 2, overhead: 0, data: REPOSITORY.defaultData, seed: 1, json: false },
      ...{ students: 300, repeaters: 10, repeats: 5, window: 3_600, deadlineShape: 'rush' },
      gradingSeconds: { kind: 'constant', seconds: 5 },
    },
  ]);
});

test('orca simulate takes a trace, a history or what a course is like, and leaves none of them aside', async () => {
  const { calls } = await call('simulate', 'trace.csv', '--workers', '4', '--data', 'd', '--svg', 'plot.svg');
  assert.equal(calls[1], 'trace.csv');
  assert.partialDeepStrictEqual((await call('simulate', '--job-history', '24')).calls[2], { jobHistory: 24 });
  for (const [sentence, ...args] of [
    ['"trace.csv" with --job-history: that replays', 'trace.csv', '--job-history', '24', '--seed', '2'],
    ['"trace.csv" with --students: that is for a course', 'trace.csv', '--students', '300'],
    ['"trace.csv" with --grading-seconds: that', 'trace.csv', '--grading-seconds', '5'],
    ['--job-history with --window: that is for a course', '--window', '60', '--job-history', '24'],
  ] as const)
    await assert.rejects(call('simulate', ...args), (error) => {
      assert.ok(error instanceof UserError && error.status === USAGE_STATUS, String(error));
      assert.ok(error.message.startsWith(`Cannot simulate ${sentence}`), error.message);
      return true;
    });
});

test('orca deliveries lists, also without its command, and hands on what the commands above it were told', async () => {
  const whole = { json: false, limit: 20, offset: 0 };
  assert.deepEqual((await call('deliveries')).calls, ['deliveries', whole]);
  const { calls } = await call('deliveries', '--json', '--state', 'refused', '--host', 'h', '--job', '17');
  assert.deepEqual(calls, ['deliveries', { ...whole, json: true, state: 'refused', host: 'h', job: 17 }]);
  const sendAll = await call('deliveries', 'send-all', 'h', '--dry-run', '--server', 'http://x:1');
  assert.deepEqual(sendAll.calls, ['send-all', 'h', { json: false, dryRun: true, server: 'http://x:1' }]);
  assert.deepEqual((await call('deliveries', 'send-again', '3')).calls, ['send-again', 3, { json: false }]);
  await assert.rejects(
    call('deliveries', 'send-all', 'h', '--state', 'pending'),
    /argument 'pending' is invalid/,
  );
});
