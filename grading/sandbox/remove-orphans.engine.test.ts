import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createContainer, inspectContainer, startContainer } from '@orca/docker';
import { containerSpec } from '../container-spec.ts';
import { INSTALLATION_LABEL, WORKER_LABEL } from './remove-orphans.ts';
import { openTestSandbox, TEST_IMAGE } from './testing/open-test-sandbox.ts';

describe('removeOrphans()', () => {
  test("removes what nobody needs, spares what is alive or another installation's", async () => {
    await using box = await openTestSandbox();
    await using other = await openTestSandbox();
    const create = async (name: string, installationId: string, workerId: string): Promise<void> => {
      const labels = { [INSTALLATION_LABEL]: installationId, [WORKER_LABEL]: workerId };
      const limits = { wallSeconds: 1, cpus: 1, memoryMb: 32, diskMb: 1, pids: 32, entries: 10 };
      const ofImage = { imageId: TEST_IMAGE, imageEnv: [], imageVolumes: [], knowsLocalhost: true };
      const purpose = { ...ofImage, limits, networkMode: 'none', labels };
      const specified = containerSpec({ ...purpose, cgroupDriver: 'cgroupfs' });
      assert.ok(specified.kind === 'spec');
      await createContainer(box.engine, name, specified.spec);
      await startContainer(box.engine, name);
    };
    const names = ['dead', 'alive', 'foreign'].map((kind) => `orca-test-${kind}-${process.pid}`);
    const [dead = '', alive = '', foreign = ''] = names;
    await create(dead, box.installationId, 'crashed');
    await create(alive, box.installationId, 'living');
    await create(foreign, other.installationId, 'crashed');

    assert.equal(await box.sandbox.removeOrphans(({ workerId }) => workerId === 'living'), 1);
    assert.equal(await inspectContainer(box.engine, dead), null);
    assert.deepEqual(await box.listContainers(), [alive]);
    assert.deepEqual(await other.listContainers(), [foreign]);
  });

  test('spares a container that run() is using, whatever it is told', async () => {
    await using box = await openTestSandbox();
    let removed: Promise<number> | undefined;
    const report = await box.run([{ cmd: 'echo alive', on_complete: 'output' }], {
      onEvent(event) {
        if (event.kind === 'step_started') removed = box.sandbox.removeOrphans(() => false);
      },
    });
    assert.equal(await removed, 0);
    assert.equal(report.ending.kind, 'output');
  });
});
