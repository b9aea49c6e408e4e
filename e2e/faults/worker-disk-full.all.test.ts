import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSound } from '../kit/assert-sound.ts';
import { makeJob } from '../kit/make-job.ts';
import { mountSmallDisk } from '../kit/small-disk.ts';
import { startOrca } from '../kit/start-orca.ts';
import { waitFor } from '../kit/wait-for.ts';
import { SHORT_CLOCKS } from './short-clocks.ts';

const MIB = 1024 * 1024;
const DISK_MIB = 48;
const FREE_MIB_MIN = 8;
/** A fault of ours costs its job a minute; ten times what is left. */
const RECOVERY_MS = 150_000;

test('F33: a worker whose disk is full claims nothing and says why; another grades the job, and nobody blames it', async () => {
  await using disk = await mountSmallDisk(DISK_MIB);
  await using orca = await startOrca(SHORT_CLOCKS);
  const full = await orca.startWorker({
    ORCA_WORKER_FOLDER: disk.folder,
    ORCA_DISK_FREE_MB_MIN: String(FREE_MIB_MIN),
  });
  const url = orca.client.serve('/large.bin', Buffer.alloc((DISK_MIB + 8) * MIB, 1));
  const files = { large: { url, mime_type: 'application/octet-stream', should_replace_paths: false } };
  const script = [{ cmd: 'stat -c %s $EXTRACTED/large/large.bin', on_complete: 'output' as const }];
  await orca.put(makeJob(orca.client, 'large', { files, script }));
  const says = (what: RegExp) => waitFor(String(what), () => what.test(full.log()), RECOVERY_MS);
  await says(/"need":"disk","trouble"/);
  // The half file is gone by now, so that there is room again: this takes it.
  await disk.fill(FREE_MIB_MIN - 1);
  await says(/Cannot begin another job: \d MiB are free/);
  assert.deepEqual(orca.client.resultsOf('large'), [], 'the submission is not blamed');

  await orca.startWorker();
  const { json } = await orca.client.waitForResult('large', RECOVERY_MS);
  assert.deepEqual([json.errors, json.output], [[], String((DISK_MIB + 8) * MIB)]);
  assert.equal(full.log().split('"msg":"job claimed"').length - 1, 1, 'it has claimed nothing since');
  disk.empty();
  await waitFor('the worker to work again', () => {
    const lines = full.log().split('\n');
    return (
      lines.findLastIndex((line) => line.includes('works again')) >
      lines.findLastIndex((line) => line.includes('"trouble"'))
    );
  });
  await assertSound(orca.databaseUrl);
});
