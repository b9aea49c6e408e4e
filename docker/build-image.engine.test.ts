import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { BuildError } from './build-error.ts';
import { buildImage, type ImageBuild } from './build-image.ts';
import type { BuildLogPiece } from './build-log.ts';
import type { Engine } from './call-engine.ts';
import { listContainers } from './containers.ts';
import { removeImage, tagImage } from './images.ts';
import { inspectImage, listImages } from './inspect-image.ts';
import { packContext } from './pack-context.ts';
import { connectTestEngine, TEST_IMAGE, until } from './testing/test-engine.ts';

const TIMEOUT_MS = 120_000;

describe('buildImage() on a real engine', () => {
  let engine: Engine;
  const layers: string[] = [];

  before(async () => {
    engine = await connectTestEngine();
  });
  // The last first: each but the last has a child.
  after(async () => {
    for (const id of layers.reverse()) await removeImage(engine, id);
  });

  /** Builds on the base image, and has what it leaves behind removed in the end. */
  async function build(
    lines: string,
    more: Partial<ImageBuild> = {},
    onLog: (piece: BuildLogPiece) => void = () => undefined,
    signal = AbortSignal.timeout(TIMEOUT_MS),
  ): Promise<{ id: string; log: BuildLogPiece[] }> {
    const log: BuildLogPiece[] = [];
    const request = {
      context: packContext([
        { name: 'Dockerfile', content: `FROM ${TEST_IMAGE}\n${lines}\n` },
        { name: 'run', content: '#!/bin/sh\n', mode: 0o755 },
      ]),
      dockerfile: 'Dockerfile',
      networkMode: 'none',
      ...more,
    };
    const keep = (piece: BuildLogPiece): void => {
      const isOwn = piece.kind === 'layer' && log.some(({ kind }) => kind === 'layer');
      if (isOwn) layers.push(piece.id);
      log.push(piece);
      onLog(piece);
    };
    return { ...(await buildImage(engine, request, keep, signal)), log };
  }

  test('builds from a packed context; its images can be named and removed', async () => {
    const tag = `orca-docker-test:${randomUUID()}`;
    const { id } = await build('ARG WHAT\nRUN test "$WHAT" = it\nCOPY run /run-it\nVOLUME /data', {
      tag,
      buildArgs: { WHAT: 'it' },
      labels: { a: 'b' },
    });
    try {
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

  test('tells its log in pieces: steps, output, containers and layers', async () => {
    const { id, log } = await build(`RUN echo "built ${randomUUID()}"\nENV A=b`);
    const steps = log.flatMap((piece) => (piece.kind === 'step' ? [piece.text] : []));
    assert.equal(steps.length, 3);
    assert.equal(steps[0], `Step 1/3 : FROM ${TEST_IMAGE}`);
    assert.equal(steps[2], 'Step 3/3 : ENV A=b');
    const output = log.map((piece) => (piece.kind === 'output' ? piece.text : '')).join('');
    assert.match(output, /^built .{36}$/m);
    assert.ok(!output.startsWith('\n'), 'the end of the line of a step belongs to the step');
    const found = log.flatMap((piece) => (piece.kind === 'layer' ? [piece.id] : []));
    assert.equal(found.length, 3);
    assert.equal((await inspectImage(engine, TEST_IMAGE))?.id.slice(7, 19), found[0]);
    assert.equal(id.slice(7, 19), found[2]);
    assert.equal(log.filter(({ kind }) => kind === 'container').length, 2);
  });

  test('builds an image without a name, and keeps RUN to its limits', async () => {
    const ulimits = [{ name: 'nofile', soft: 77, hard: 88 }];
    const { id } = await build('RUN test "$(ulimit -n) $(ulimit -Hn)" = "77 88"', {
      ulimits,
      useCache: false,
    });
    assert.deepEqual((await inspectImage(engine, id))?.tags, []);
  });

  test('leaves the images of its steps, which removeImage() takes with the last one', async () => {
    const name = `orca.docker-test.${randomUUID()}`;
    const { id, log } = await build('ENV A=b\nENV C=d', { labels: { [name]: 'x' }, useCache: false });
    const find = async (value: string | null): Promise<string[]> =>
      (await listImages(engine, { labels: { [name]: value } })).map((image) => image.id);
    assert.deepEqual([await find(null), await find('x'), await find('y')], [[id], [id], []]);
    const [base = '', ...steps] = log.flatMap((piece) => (piece.kind === 'layer' ? [piece.id] : []));
    assert.equal(steps.length, 3, 'two instructions, and the labels as one more');
    assert.equal(await removeImage(engine, id), 'removed');
    for (const step of steps) assert.equal(await inspectImage(engine, step), null);
    assert.notEqual(await inspectImage(engine, base), null);
  });

  test('throws a BuildError with the exit code of a RUN that fails, and without one for other steps', async () => {
    let container = '';
    const keep = (piece: BuildLogPiece): void => {
      if (piece.kind === 'container') container = piece.id;
    };
    const failing = { tag: 'orca-docker-test:failing' };
    const failed = await build('RUN exit 3', failing, keep).catch((error) => error);
    assert.match(container, /^[0-9a-f]{12}$/);
    assert.deepEqual(await listContainers(engine, { id: container }), [], 'its container is removed');
    assert.ok(failed instanceof BuildError);
    assert.equal(failed.code, 'engine_refused');
    assert.match(failed.message, /^Cannot build "orca-docker-test:failing": .* returned a non-zero code: 3$/);
    assert.deepEqual(failed.failure, {
      kind: 'step_failed',
      reason: "The command '/bin/sh -c exit 3' returned a non-zero code: 3",
      exitCode: 3,
    });
    const missing = await build('COPY nothing /').catch((error) => error);
    assert.ok(missing instanceof BuildError);
    assert.match(missing.message, /^Cannot build the image: COPY failed/);
    assert.partialDeepStrictEqual(missing.failure, { kind: 'step_failed', exitCode: null });
  });

  test('throws a BuildError for a Dockerfile that cannot be parsed', async () => {
    const failed = await build('RUNN true').catch((error) => error);
    assert.ok(failed instanceof BuildError);
    assert.equal(failed.failure.kind, 'dockerfile_refused');
    assert.match(failed.failure.reason, /^dockerfile parse error.* unknown instruction: RUNN$/);
  });

  test('throws a plain EngineError when there is no such Dockerfile in the context', async () => {
    await assert.rejects(build('', { dockerfile: 'nowhere' }), {
      name: 'EngineError',
      code: 'engine_refused',
    });
  });

  test('stops when it is told to, and leaves no container', async () => {
    const stop = new AbortController();
    const reason = new Error('enough');
    let container = '';
    const stopWhenRunning = (piece: BuildLogPiece): void => {
      if (piece.kind === 'container') container = piece.id;
      if (piece.kind === 'output' && piece.text.includes('running')) stop.abort(reason);
    };
    await assert.rejects(
      build(`RUN echo running ${randomUUID()}; sleep 1000`, {}, stopWhenRunning, stop.signal),
      (error) => error === reason,
    );
    assert.match(container, /^[0-9a-f]{12}$/);
    const isGone = async (): Promise<boolean> =>
      (await listContainers(engine, { id: container })).length === 0;
    await until(isGone, 'the container is gone', 20_000);
  });
});
