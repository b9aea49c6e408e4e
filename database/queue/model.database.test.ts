import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { listViolations } from '../audit/invariants.ts';
import { type Foreseen, foresee } from '../testing/foresee.ts';
import { openQueue, perform } from '../testing/queue-deeds.ts';
import { describeDatabase, describeModel, findUntoldChanges } from '../testing/queue-description.ts';
import { operation } from '../testing/queue-operations.ts';
import { emptyModel } from './model.ts';

const RUNS = 40;
const OPERATIONS_MAX = 80;

test('the queue does what the model does, whatever is done to it', async () => {
  await using queue = await openQueue();
  const { db } = queue.database;
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { maxLength: OPERATIONS_MAX, size: 'max' }), async (operations) => {
      await queue.clear();
      const foreseen: Foreseen = { model: emptyModel(), tokens: new Map() };
      for (const step of operations) {
        const deed = await perform(step, queue, db);
        if (deed === null) continue;
        const after = `after ${JSON.stringify(step)}`;
        assert.equal(deed.answer, foresee(deed, foreseen), after);
        assert.deepEqual(await describeDatabase(queue.client), describeModel(foreseen.model), after);
        assert.deepEqual(await listViolations(db), [], after);
        assert.deepEqual(await findUntoldChanges(queue.client), [], after);
      }
    }),
    { numRuns: RUNS },
  );
});
