import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSound } from '../kit/assert-sound.ts';
import { containersOf } from '../kit/containers.ts';
import { makeGates } from '../kit/gates.ts';
import { makeJob } from '../kit/make-job.ts';
import { startOrca, type TestOrca } from '../kit/start-orca.ts';
import { waitFor } from '../kit/wait-for.ts';
import { SHORT_CLOCKS, TAKE_OVER_MS } from './short-clocks.ts';

/** Where the worker is killed, and how often the job is graded then: F01 and F02 of the fault cases. */
const POINTS = {
  claimed: 2,
  image_ready: 2,
  files_fetched: 2,
  container_started: 2,
  step_started: 2,
  step_done: 2,
  before_commit: 2,
  after_commit: 1,
} as const;

/** How often a worker was seen to take the job, by the statuses that its client got. */
function timesTaken(orca: TestOrca, key: string): number {
  return orca.client.posts.filter(({ json }) => json.key === key && json.status?.location === 'Worker')
    .length;
}

test('a worker that is killed at any point of a run costs no result and doubles none', async (t) => {
  await using orca = await startOrca(SHORT_CLOCKS);
  await using gates = await makeGates();
  for (const [point, timesGraded] of Object.entries(POINTS)) {
    await t.test(`killed at ${point}`, async () => {
      const key = `killed at ${point}`;
      const script = [{ cmd: 'echo graded', on_complete: 'output' as const }];
      await gates.close(point);
      const doomed = await orca.startWorker(gates.settings);
      await orca.put(makeJob(orca.client, key, { script }));
      await gates.reached(point);
      const left = await containersOf(orca.databaseUrl);
      await doomed.kill();
      const heir = await orca.startWorker();
      const { json } = await orca.client.waitForResult(key, TAKE_OVER_MS);
      assert.equal(json.output, 'graded');
      assert.deepEqual(json.errors, []);
      await waitFor('the containers of the dead worker to be gone', async () => {
        const there = await containersOf(orca.databaseUrl);
        return left.every((name) => !there.includes(name));
      });
      await gates.open(point);
      assert.equal(await heir.stop(), 0);
      assert.deepEqual(await containersOf(orca.databaseUrl), []);
      const ids = orca.client.resultsOf(key).map(({ headers }) => headers['webhook-id']);
      assert.equal(ids.length, 1, 'one result, POSTed once');
      assert.equal(heir.log().includes('"msg":"job claimed"'), timesGraded === 2);
      assert.ok(timesTaken(orca, key) <= timesGraded);
    });
  }
  await assertSound(orca.databaseUrl);
});
