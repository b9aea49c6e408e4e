import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import {
  type CreateRequest,
  connectEngine,
  createContainer,
  type Engine,
  listContainers,
  removeContainer,
  startContainer,
} from '@orca/docker';
import { BASE_IMAGE } from '../set-up/ensure-base-image.ts';
import { removeContainers } from './remove-containers.ts';

const MEMORY_BYTES = 64 * 1024 * 1024;

/** A container that does nothing for long. */
function idleSpec(installation: string): CreateRequest {
  return {
    Image: BASE_IMAGE,
    User: '1000:1000',
    WorkingDir: '/',
    Entrypoint: ['sleep', '600'],
    Cmd: [],
    Env: [],
    AttachStdin: false,
    AttachStdout: false,
    AttachStderr: false,
    OpenStdin: false,
    StdinOnce: false,
    Tty: false,
    StopSignal: 'SIGKILL',
    StopTimeout: 1,
    Healthcheck: { Test: ['NONE'] },
    Hostname: 'idle',
    Labels: { 'orca.installation': installation },
    HostConfig: {
      NetworkMode: 'none',
      ReadonlyRootfs: true,
      Privileged: false,
      Binds: [],
      Mounts: [],
      Devices: [],
      CapDrop: ['ALL'],
      CapAdd: [],
      SecurityOpt: ['no-new-privileges:true'],
      Memory: MEMORY_BYTES,
      MemorySwap: MEMORY_BYTES,
      NanoCpus: 0,
      CpuShares: 2,
      PidsLimit: 16,
      OomScoreAdj: 0,
      Ulimits: [],
      Tmpfs: {},
      ShmSize: MEMORY_BYTES,
      IpcMode: 'private',
      CgroupnsMode: 'private',
      CgroupParent: '',
      Init: true,
      LogConfig: { Type: 'none' },
      RestartPolicy: { Name: 'no' },
      AutoRemove: false,
    },
  };
}

async function startIdle(engine: Engine, installation: string): Promise<{ id: string; name: string }> {
  const name = `orca-${randomUUID().slice(0, 12)}`;
  const { id } = await createContainer(engine, name, idleSpec(installation));
  await startContainer(engine, id);
  return { id, name };
}

test('removeContainers() removes the running containers of one installation, and no others', async (t) => {
  const engine = await connectEngine();
  const [ours, theirs] = [randomUUID(), randomUUID()];
  const mine = await startIdle(engine, ours);
  const foreign = await startIdle(engine, theirs);
  t.after(() => Promise.all([mine, foreign].map(({ id }) => removeContainer(engine, id))));
  const said: string[] = [];
  await removeContainers(engine, ours, (line) => said.push(line));
  assert.deepEqual(await listContainers(engine, { labels: { 'orca.installation': ours } }), []);
  assert.equal((await listContainers(engine, { labels: { 'orca.installation': theirs } })).length, 1);
  assert.deepEqual(said, [`Removed containers that were left: ${mine.name}`]);
  await removeContainers(engine, ours, assert.fail);
});

test('removeContainers() says that the engine does not answer, and goes on', async () => {
  const engine = {
    ...(await connectEngine()),
    address: { kind: 'unix', path: '/nonexistent.sock' },
  } as const;
  const said: string[] = [];
  await removeContainers(engine, randomUUID(), (line) => said.push(line));
  assert.match(said[0] ?? '', /^Cannot look for containers that were left: /);
});
