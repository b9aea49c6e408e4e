import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSound } from '../kit/assert-sound.ts';
import { containersOf, containersOfRuns } from '../kit/containers.ts';
import { makeJob } from '../kit/make-job.ts';
import { startOrca } from '../kit/start-orca.ts';
import { waitFor } from '../kit/wait-for.ts';
import { SHORT_CLOCKS, TAKE_OVER_MS } from './short-clocks.ts';

test('F12: a worker that was frozen for longer than its lease writes nothing when it wakes, and ends its container', async () => {
  await using orca = await startOrca(SHORT_CLOCKS);
  const frozen = await orca.startWorker();
  const script = [
    {
      cmd: 'sleep 2; cat /proc/sys/kernel/random/boot_id >/dev/null; hostname',
      on_complete: 'output' as const,
    },
  ];
  await orca.put(makeJob(orca.client, 'once', { script }));
  const container = await waitFor('the container', async () => (await containersOfRuns(orca.databaseUrl))[0]);
  process.kill(frozen.pid, 'SIGSTOP');
  await orca.startWorker();
  const { json } = await orca.client.waitForResult('once', TAKE_OVER_MS);
  assert.deepEqual(json.errors, []);
  process.kill(frozen.pid, 'SIGCONT');
  await waitFor(
    'the woken worker to learn that the job is no longer its own',
    () => /no longer ours/.test(frozen.log()),
    TAKE_OVER_MS,
  );
  await waitFor(
    'its container to be gone',
    async () => !(await containersOf(orca.databaseUrl)).includes(container),
  );
  // It works on: what comes next is graded, by either of them.
  await orca.put(makeJob(orca.client, 'next'));
  await orca.client.waitForResult('next', TAKE_OVER_MS);
  assert.equal(orca.client.resultsOf('once').length, 1);
  await assertSound(orca.databaseUrl);
});
