import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startOwnEngine } from '@orca/docker/testing';
import { proveGrading } from './prove-grading.ts';

/** Beyond the ids that a machine gives to anybody. */
const FIRST_ID = 2_000_000_000;
const IDS = 65_536;
const GRADER_UID = 1_000;

test('an engine that remaps users grades as any other, and its root and its graders are nobody on the machine', async (t) => {
  await using engine = await startOwnEngine({ subordinateIds: { first: FIRST_ID, count: IDS } });
  const identity = await proveGrading({ DOCKER_HOST: engine.host });
  t.diagnostic(JSON.stringify(identity));
  assert.deepEqual(identity, {
    uidMap: [['0', String(FIRST_ID), String(IDS)]],
    uidInside: GRADER_UID,
    uidOfMachine: FIRST_ID + GRADER_UID,
  });
});
