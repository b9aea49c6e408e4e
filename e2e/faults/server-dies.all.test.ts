import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectDatabase, nextDeliveryMs } from '@orca/database';
import { assertSound } from '../kit/assert-sound.ts';
import { makeGates } from '../kit/gates.ts';
import { makeJob } from '../kit/make-job.ts';
import { startOrca } from '../kit/start-orca.ts';
import { waitFor } from '../kit/wait-for.ts';
import { SHORT_CLOCKS, TAKE_OVER_MS } from './short-clocks.ts';

/** Long enough for its gate to be closed after its status was delivered, and before its result is. */
const SCRIPT = [{ cmd: 'sleep 3; echo graded', on_complete: 'output' as const }];
const NO_GATES = { ORCA_TEST_GATE: '' };

for (const [point, posts] of [
  ['post_sent', 2],
  ['post_recorded', 1],
] as const) {
  test(`F03: a server that is killed at ${point} leaves a result that is POSTed ${posts} times in all, with one id and the same bytes`, async () => {
    await using gates = await makeGates();
    await using orca = await startOrca({ ...SHORT_CLOCKS, ...gates.settings });
    await using db = await connectDatabase({ url: orca.databaseUrl, applicationName: 'orca-e2e' });
    await orca.startWorker(NO_GATES);
    await orca.put(makeJob(orca.client, 'the job', { script: SCRIPT }));
    await waitFor('the status to be delivered', () =>
      /"kind":"status".*"msg":"delivered"/.test(orca.server.log()),
    );
    await gates.close(point);
    await gates.reached(point);
    assert.equal(orca.client.resultsOf('the job').length, 1, 'the client has it already');
    await orca.server.kill();
    await gates.open(point);

    await orca.startServer(NO_GATES);
    const nothingIsOwed = async () => (await nextDeliveryMs(db)) === null;
    await waitFor('everything to be delivered', nothingIsOwed, TAKE_OVER_MS);
    const results = orca.client.resultsOf('the job');
    assert.equal(results.length, posts);
    const [first] = results;
    for (const { headers, body } of results) {
      assert.equal(headers['webhook-id'], first?.headers['webhook-id']);
      assert.ok(body.equals(first?.body ?? Buffer.alloc(0)));
    }
    await assertSound(orca.databaseUrl);
  });
}
