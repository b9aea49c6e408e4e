import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSound } from '../kit/assert-sound.ts';
import { makeJob } from '../kit/make-job.ts';
import { metricsAddressOf } from '../kit/scrape-metrics.ts';
import { mountSmallDisk } from '../kit/small-disk.ts';
import { startOrca } from '../kit/start-orca.ts';
import { waitFor } from '../kit/wait-for.ts';
import { SHORT_CLOCKS } from './short-clocks.ts';

/** More than what a builder wants to see free, less than the archive of any grader image. */
const DISK_MIB = 80;
const ROOM_MIB = 4_096;
const BUILD_MS = 240_000;

test('a builder without room for an image puts the build back, claims none and says why, and goes on by itself', async () => {
  await using disk = await mountSmallDisk(DISK_MIB);
  await using orca = await startOrca({
    ...SHORT_CLOCKS,
    ORCA_IMAGE_FOLDER: disk.folder,
    ORCA_METRICS_PORT: '0',
  });
  const builder = await orca.startImageBuilder();
  const { sha } = await orca.postImage(`FROM orca-grader-base\n# ${Date.now()}\nRUN true\n`);
  await orca.put(makeJob(orca.client, 'patient', { grader_image_sha: sha }));
  const health = async (): Promise<{ status: number; text: string }> => {
    const answer = await fetch(`${metricsAddressOf(builder)}/readyz`);
    return { status: answer.status, text: await answer.text() };
  };
  const isPutBack = () => builder.log().includes('image build put back: there is no room to save it');
  await waitFor('the build to be put back', isPutBack, BUILD_MS);
  const isIll = async (): Promise<string | null> => {
    const { status, text } = await health();
    return status === 503 ? text : null;
  };
  const ill = await waitFor('the builder to be ill', isIll);
  assert.match(ill, /"image_store":"the disk of saved images is full"/);
  assert.match(builder.log(), /\d+ MiB are free in \\?"/);
  assert.doesNotMatch(await orca.imageStatusOf(sha), /fail/i);
  assert.deepEqual(orca.client.resultsOf('patient'), [], 'no job is blamed');
  const begun = (): number => builder.log().split('"msg":"image build started"').length - 1;
  assert.equal(begun(), 1, 'nothing was claimed again');

  await disk.grow(ROOM_MIB);
  await orca.startWorker();
  const { json } = await orca.client.waitForResult('patient', BUILD_MS);
  assert.deepEqual(json.errors, []);
  assert.equal(begun(), 2);
  assert.equal((await health()).status, 200);
  await assertSound(orca.databaseUrl);
});
