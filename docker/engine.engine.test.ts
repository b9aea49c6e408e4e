import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { Engine } from './call-engine.ts';
import { attachContainer } from './attach-container.ts';
import { engineComponents, engineInfo } from './connect-engine.ts';
import {
  type ContainerFilter,
  createContainer,
  inspectContainer,
  killContainer,
  listContainers,
  removeContainer,
  startContainer,
  waitContainer,
} from './containers.ts';
import type { CreateRequest } from './create-request.ts';
import { importImage, removeImage } from './images.ts';
import { inspectImage } from './inspect-image.ts';
import { packContext } from './pack-context.ts';
import { plainContainer } from './plain-container.ts';
import { connectTestEngine, TEST_IMAGE, until } from './testing/test-engine.ts';

const LABEL = 'orca.docker-test';

/** A small container for one command; hardened ones are tried in grading/. */
function specOf(command: string, label: string, isReadonly = true): CreateRequest {
  const program = ['/bin/sh', '-c', command];
  const plain = plainContainer({ image: TEST_IMAGE, program, labels: { [LABEL]: label } });
  return {
    ...plain,
    ...{ AttachStdin: true, AttachStdout: true, AttachStderr: true, OpenStdin: true, StdinOnce: true },
    HostConfig: { ...plain.HostConfig, ReadonlyRootfs: isReadonly, Init: false },
  };
}

describe('a real engine', () => {
  let engine: Engine;
  const label = randomUUID();
  const names: string[] = [];

  before(async () => {
    engine = await connectTestEngine();
  });
  after(() => Promise.all(names.map((name) => removeContainer(engine, name))));

  async function create(command: string, isReadonly = true): Promise<string> {
    const name = `orca-docker-test-${randomUUID()}`;
    names.push(name);
    return (await createContainer(engine, name, specOf(command, label, isReadonly))).id;
  }

  test('engineInfo() knows the engine', async () => {
    const info = await engineInfo(engine);
    assert.ok(
      info.id !== '' && info.cpus > 0 && info.memoryBytes > 0 && info.runtimes.includes(info.defaultRuntime),
    );
    assert.match(info.rootFolder, /^\//);
    assert.deepEqual([info.limits.memory, info.limits.pids, info.limits.cpu], [true, true, true]);
    const components = await engineComponents(engine);
    assert.equal(components.get('Engine'), info.serverVersion);
  });

  test('attachContainer() carries bytes in and out, and the end of the input', async () => {
    const id = await create('cat; echo err >&2; exit 7');
    using attachment = await attachContainer(engine, id);
    await startContainer(engine, id);
    const sent = Buffer.alloc(300_000, 'abc\0\n');
    attachment.stdin.end(sent);
    const got: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
    for await (const { stream, bytes } of attachment.output) got[stream].push(bytes);
    assert.deepEqual(Buffer.concat(got.stdout), sent);
    assert.equal(String(Buffer.concat(got.stderr)), 'err\n');
    assert.equal(await waitContainer(engine, id, AbortSignal.timeout(20_000)), 7);
    const state = await inspectContainer(engine, id);
    assert.equal(state?.exitCode, 7);
    assert.equal(state?.isRunning, false);
    assert.equal(state?.isOomKilled, false);
  });

  test('listContainers() finds by label, removeContainer() removes, and both bear what is gone', async () => {
    const id = await create('exit 0');
    const listed = await listContainers(engine, { labels: { [LABEL]: label } });
    const found = listed.find((container) => container.id === id);
    assert.equal(found?.labels[LABEL], label);
    assert.ok(names.includes(found?.name ?? ''));
    assert.deepEqual(await listContainers(engine, { labels: { [LABEL]: 'nobody' } }), []);
    await removeContainer(engine, id);
    await removeContainer(engine, id);
    assert.equal(await inspectContainer(engine, id), null);
    assert.equal(await killContainer(engine, id), false);
  });

  test('killContainer() kills what runs, and says whether it did', async () => {
    const id = await create('exec sleep 1000');
    await startContainer(engine, id);
    assert.equal(await killContainer(engine, id), true);
    assert.equal(await waitContainer(engine, id, AbortSignal.timeout(20_000)), 137);
    assert.equal(await killContainer(engine, id), false);
  });

  test('listContainers() finds what runs, by id and by the image it descends from, and what it has written', async () => {
    const base = await inspectImage(engine, TEST_IMAGE);
    const id = await create('head -c 3000000 /dev/zero > /tmp/big; exec sleep 1000', false);
    const others = await create('true');
    const all = { labels: { [LABEL]: label } };
    const list = async (filter: ContainerFilter): Promise<string[]> =>
      (await listContainers(engine, { ...all, ...filter })).map((container) => container.id);
    assert.deepEqual(await list({ id: id.slice(0, 12), running: true }), []);
    await startContainer(engine, id);
    assert.deepEqual(await list({ running: true, ancestor: TEST_IMAGE }), [id]);
    assert.deepEqual(await list({ running: true, ancestor: 'orca-no-such-image' }), []);
    assert.ok((await list({ ancestor: base?.id ?? '' })).includes(others));
    const sizeOf = async (filter: ContainerFilter) => (await listContainers(engine, filter))[0]?.sizeRwBytes;
    assert.equal(await sizeOf({ id }), null);
    await until(async () => (await sizeOf({ id, size: true })) === 3_000_000, 'its size', 20_000);
    assert.equal(await sizeOf({ id: others, size: true }), 0);
    assert.equal((await listContainers(engine, { id }))[0]?.imageId, base?.id);
    await killContainer(engine, id);
  });

  test('removeImage() leaves an image that a container needs', async () => {
    const tag = `orca-docker-test:${randomUUID()}`;
    const { id } = await importImage(engine, packContext([{ name: 'file', content: tag }]), tag);
    try {
      const name = `orca-docker-test-${randomUUID()}`;
      names.push(name);
      await createContainer(engine, name, { ...specOf('true', label), Image: id });
      assert.equal(await removeImage(engine, id), 'in_use');
      await removeContainer(engine, name);
    } finally {
      assert.equal(await removeImage(engine, tag), 'removed');
    }
    assert.equal(await inspectImage(engine, id), null);
  });

  test('createContainer() says 404 for an image that there is not, 409 for a name that is taken', async () => {
    const missing = { ...specOf('true', label), Image: 'orca-no-such-image' };
    await assert.rejects(createContainer(engine, `orca-${randomUUID()}`, missing), { status: 404 });
    await create('true');
    const taken = names.at(-1) ?? '';
    await assert.rejects(createContainer(engine, taken, specOf('true', label)), { status: 409 });
  });
});
