import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { Engine } from './call-engine.ts';
import { attachContainer } from './attach-container.ts';
import { buildImage } from './build-image.ts';
import { connectEngine, engineInfo } from './connect-engine.ts';
import {
  createContainer,
  inspectContainer,
  killContainer,
  listContainers,
  removeContainer,
  startContainer,
  waitContainer,
} from './containers.ts';
import type { CreateRequest } from './create-request.ts';
import { inspectImage, removeImage, tagImage } from './images.ts';
import { packContext } from './pack-context.ts';

// biome-ignore lint/style/noProcessEnv: tests run on the engine that everything else is told to use, too
const DOCKER_HOST = process.env['DOCKER_HOST'];

const IMAGE = 'orca-grader-base:latest';
const LABEL = 'orca.docker-test';

/** A small container for one command; hardened ones are tried in grading/. */
function specOf(command: string, label: string): CreateRequest {
  return {
    Image: IMAGE,
    User: '1000:1000',
    WorkingDir: '/',
    Entrypoint: ['/bin/sh', '-c', command],
    Cmd: [],
    Env: [],
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    OpenStdin: true,
    StdinOnce: true,
    Tty: false,
    StopSignal: 'SIGKILL',
    StopTimeout: 1,
    Healthcheck: { Test: ['NONE'] },
    Hostname: 'test',
    Labels: { [LABEL]: label },
    HostConfig: {
      NetworkMode: 'none',
      ReadonlyRootfs: true,
      Privileged: false,
      Binds: [],
      Mounts: [],
      Devices: [],
      CapDrop: ['ALL'],
      CapAdd: [],
      SecurityOpt: [],
      Memory: 64 * 1024 * 1024,
      MemorySwap: 64 * 1024 * 1024,
      NanoCpus: 1e9,
      CpuShares: 512,
      PidsLimit: 32,
      OomScoreAdj: 0,
      Ulimits: [],
      Tmpfs: {},
      ShmSize: 1024 * 1024,
      IpcMode: 'private',
      CgroupnsMode: 'private',
      CgroupParent: '',
      Init: false,
      LogConfig: { Type: 'none' },
      RestartPolicy: { Name: 'no' },
      AutoRemove: false,
    },
  };
}

describe('a real engine', () => {
  let engine: Engine;
  const label = randomUUID();
  const names: string[] = [];

  before(async () => {
    engine = await connectEngine(DOCKER_HOST);
    assert.ok(await inspectImage(engine, IMAGE), `Cannot test: "${IMAGE}" is missing; ./orca test builds it`);
  });
  after(() => Promise.all(names.map((name) => removeContainer(engine, name))));

  async function create(command: string): Promise<string> {
    const name = `orca-docker-test-${randomUUID()}`;
    names.push(name);
    return (await createContainer(engine, name, specOf(command, label))).id;
  }

  test('engineInfo() knows the engine', async () => {
    const info = await engineInfo(engine);
    assert.ok(
      info.id !== '' && info.cpus > 0 && info.memoryBytes > 0 && info.runtimes.includes(info.defaultRuntime),
    );
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

  test('createContainer() says 404 for an image that there is not, 409 for a name that is taken', async () => {
    const missing = { ...specOf('true', label), Image: 'orca-no-such-image' };
    await assert.rejects(createContainer(engine, `orca-${randomUUID()}`, missing), { status: 404 });
    await create('true');
    const taken = names.at(-1) ?? '';
    await assert.rejects(createContainer(engine, taken, specOf('true', label)), { status: 409 });
  });

  test('buildImage() builds from a packed context, tells its log, and its images can be named and removed', async () => {
    const tag = `orca-docker-test:${randomUUID()}`;
    const context = packContext([
      {
        name: 'Dockerfile',
        content: `FROM ${IMAGE}\nARG WHAT\nRUN echo "built $WHAT"\nCOPY run /run-it\nVOLUME /data\n`,
      },
      { name: 'run', content: '#!/bin/sh\n', mode: 0o755 },
    ]);
    let log = '';
    const build = {
      context,
      dockerfile: 'Dockerfile',
      tag,
      buildArgs: { WHAT: 'it' },
      labels: { a: 'b' },
      networkMode: 'none',
    };
    const { id } = await buildImage(engine, build, (text) => (log += text), AbortSignal.timeout(120_000));
    try {
      assert.match(log, /^built it$/m);
      const image = await inspectImage(engine, tag);
      assert.equal(image?.id, id);
      assert.equal(image?.labels['a'], 'b');
      assert.deepEqual(image?.volumes, ['/data']);
      await tagImage(engine, id, `${tag}-too`);
      assert.equal((await inspectImage(engine, `${tag}-too`))?.id, id);
    } finally {
      assert.equal(await removeImage(engine, `${tag}-too`).catch(() => 'absent'), 'removed');
      assert.equal(await removeImage(engine, tag), 'removed');
    }
    assert.equal(await removeImage(engine, tag), 'absent');
  });

  test('buildImage() throws what the failing step says, and stops when it is told to', async () => {
    const build = (lines: string) => ({
      context: packContext([{ name: 'Dockerfile', content: `FROM ${IMAGE}\n${lines}\n` }]),
      dockerfile: 'Dockerfile',
      tag: 'orca-docker-test:failing',
      networkMode: 'none',
    });
    const ignore = (): void => undefined;
    await assert.rejects(buildImage(engine, build('RUN exit 3'), ignore, AbortSignal.timeout(120_000)), {
      code: 'engine_refused',
      message: /returned a non-zero code: 3/,
    });
    const stop = new AbortController();
    const reason = new Error('enough');
    const stopWhenRunning = (text: string): void => {
      if (text.includes('running')) stop.abort(reason);
    };
    await assert.rejects(
      buildImage(engine, build(`RUN echo running ${randomUUID()}; sleep 1000`), stopWhenRunning, stop.signal),
      (error) => error === reason,
    );
  });
});
