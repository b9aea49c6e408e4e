import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { connectEngine, listContainers } from '@orca/docker';
import { assertSound } from '../kit/assert-sound.ts';
import { endOfLog } from '../kit/end-of-log.ts';
import { makeJob } from '../kit/make-job.ts';
import { type OwnEngine, startOwnEngine } from '@orca/docker/testing';
import { startOrca, type TestOrca } from '../kit/start-orca.ts';
import type { OrcaProcess } from '../kit/start-process.ts';
import { waitFor } from '../kit/wait-for.ts';
import { SHORT_CLOCKS } from './short-clocks.ts';

/** A fault of ours costs its job a minute; ten times what is left. */
const RECOVERY_MS = 150_000;
const run = promisify(execFile);
const output = { on_complete: 'output' } as const;

async function containersIn(engine: OwnEngine): Promise<string[]> {
  const found = await listContainers(await connectEngine(engine.host), {});
  return found.map(({ name }) => name);
}

type Hurt = { engine: OwnEngine; orca: TestOrca; worker: OrcaProcess };

async function killIt({ engine, orca, worker }: Hurt): Promise<void> {
  const script = [{ cmd: 'sleep 4; echo graded', ...output }];
  await orca.put(makeJob(orca.client, 'interrupted', { script }));
  const [abandoned] = await waitFor('its container', async () => {
    const names = await containersIn(engine);
    return names.length > 0 ? names : null;
  });
  await engine.kill();
  await waitFor('the worker to notice', () => /"need":"engine","trouble"/.test(worker.log()));
  await engine.start();
  const { json } = await orca.client.waitForResult('interrupted', RECOVERY_MS);
  assert.deepEqual([json.output, json.errors], ['graded', []]);
  assert.equal(orca.client.resultsOf('interrupted').length, 1);
  await waitFor('what was abandoned to be gone', async () => {
    const names = await containersIn(engine);
    return !names.includes(abandoned ?? '');
  });
}

async function freezeIt({ engine, orca, worker }: Hurt): Promise<void> {
  const faults = () => worker.log().split('through no fault').length;
  const troubles = () => worker.log().split('"need":"engine","trouble"').length;
  const before = { faults: faults(), troubles: troubles() };
  engine.freeze();
  await waitFor('the worker to claim nothing any more', () => troubles() > before.troubles, RECOVERY_MS);
  await orca.put(makeJob(orca.client, 'patient'));
  engine.thaw();
  const { json } = await orca.client.waitForResult('patient', RECOVERY_MS);
  assert.deepEqual(json.errors, []);
  assert.equal(faults(), before.faults, 'it cost no attempt');
}

async function fillIt({ engine, orca, worker }: Hurt): Promise<void> {
  const filler = join(engine.dataRoot, 'filler');
  // All that is free, down to the last block; again and again, as the engine still removes what it had.
  const fill = () => run('sh', ['-c', `cat /dev/zero >> ${filler} 2>/dev/null || true`]);
  await fill();
  // Of a kind of its own, so that no container waits for it.
  await orca.put(makeJob(orca.client, 'no room', { limits: { memory_mb: 256 } }));
  const isFull = async () => {
    await fill();
    return /"need":"engine_disk","trouble"/.test(worker.log());
  };
  await waitFor('the worker to find no room', isFull, RECOVERY_MS);
  assert.deepEqual(orca.client.resultsOf('no room'), []);
  await rm(filler);
  const { json } = await orca.client.waitForResult('no room', RECOVERY_MS);
  assert.deepEqual(json.errors, []);
}

test('F29, F30, F35: an engine that is killed, frozen or full costs no result, and no submission is blamed', async (t) => {
  await using engine = await startOwnEngine();
  await using orca = await startOrca(SHORT_CLOCKS);
  const worker = await orca.startWorker({ DOCKER_HOST: engine.host });
  const hurt: Hurt = { engine, orca, worker };
  for (const [name, stage] of Object.entries({ killIt, freezeIt, fillIt })) {
    t.diagnostic(name);
    await stage(hurt).catch((cause: unknown) => {
      throw new Error(`${name} failed; the worker's log:\n${endOfLog(worker.log())}`, { cause });
    });
  }
  assert.equal(await worker.stop(), 0);
  await waitFor('all containers to be gone', async () => (await containersIn(engine)).length === 0);
  await assertSound(orca.databaseUrl);
});
