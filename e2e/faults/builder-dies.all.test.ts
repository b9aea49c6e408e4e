import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { assertSound } from '../kit/assert-sound.ts';
import { makeGates } from '../kit/gates.ts';
import { makeJob } from '../kit/make-job.ts';
import { startOrca } from '../kit/start-orca.ts';
import { SHORT_CLOCKS } from './short-clocks.ts';

const BUILD_MS = 240_000;
const NO_GATES = { ORCA_TEST_GATE: '' };

test('F39: a builder that is killed at any point of a build costs no image, and nobody is told twice', async (t) => {
  await using gates = await makeGates();
  await using orca = await startOrca(SHORT_CLOCKS);
  await orca.startWorker(NO_GATES);
  for (const point of ['built', 'saved', 'before_ready']) {
    await t.test(`killed at ${point}`, async () => {
      await gates.close(point);
      const doomed = await orca.startImageBuilder(gates.settings);
      const path = `/images/${point}`;
      const { sha } = await orca.postImage(
        `FROM orca-grader-base\nRUN echo "${point}" > /opt/made\n`,
        orca.client.url + path,
      );
      const script = [{ cmd: 'cat /opt/made', on_complete: 'output' as const }];
      const put = await orca.put(makeJob(orca.client, point, { script, grader_image_sha: sha }));
      assert.equal(put.body.status?.location, 'HoldingPen');
      await gates.reached(point, BUILD_MS);
      await doomed.kill();
      assert.deepEqual(orca.client.resultsOf(point), [], 'nothing half is taken for an image');
      await gates.open(point);

      const heir = await orca.startImageBuilder(NO_GATES);
      const { json } = await orca.client.waitForResult(point, BUILD_MS);
      assert.equal(json.output, point);
      assert.equal(orca.client.resultsOf(point).length, 1);
      const outcomes = orca.client.posts.filter((post) => post.path === path);
      assert.deepEqual(
        outcomes.map((post) => post.json.was_successful),
        [true],
      );
      assert.equal(await heir.stop(), 0);
    });
  }
  await assertSound(orca.databaseUrl);
  const archives = (await readdir(orca.imageFolder)).filter((name) => name.endsWith('.tgz'));
  assert.ok(
    archives.length >= 3,
    'one for each image, and what a dead builder left unnamed until the next sweep',
  );
});
