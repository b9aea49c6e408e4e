import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { BuildError } from './build-error.ts';
import { buildImage, buildQuery } from './build-image.ts';
import { EngineError } from './engine-error.ts';
import { answerWith, startFakeEngine } from './testing/fake-engine.ts';

const BUILD = { context: Readable.from([]), dockerfile: 'D', tag: 't' };

test('buildQuery() asks for the classic builder, which leaves nothing behind', () => {
  const { version, rm, forcerm, nocache } = buildQuery(BUILD);
  assert.deepEqual([version, rm, forcerm, nocache], ['1', '1', '1', undefined]);
});

test('buildQuery() asks for a name only where there is one, and never to pull', () => {
  assert.equal(buildQuery(BUILD)['t'], 't');
  const query = buildQuery({ context: BUILD.context, dockerfile: 'D' });
  assert.ok(!('t' in query) && !('pull' in query) && !('ulimits' in query));
});

test('buildQuery() writes limits as the API names them', () => {
  const query = buildQuery({
    ...BUILD,
    memoryBytes: 1_000,
    cpus: 1.5,
    useCache: false,
    cgroupParent: '/p',
    ulimits: [{ name: 'nofile', soft: 1, hard: 2 }],
  });
  assert.equal(query['memory'], '1000');
  assert.equal(query['memswap'], '1000');
  assert.equal(query['cpuperiod'], '100000');
  assert.equal(query['cpuquota'], '150000');
  assert.equal(query['cgroupparent'], '/p');
  assert.equal(query['nocache'], '1');
  assert.equal(query['ulimits'], '[{"Name":"nofile","Soft":1,"Hard":2}]');
});

describe('buildImage() of an engine that', () => {
  async function buildWith(messages: readonly unknown[], isCut = false): Promise<unknown> {
    await using fake = await startFakeEngine((_request, response) => answerWith(response, messages, isCut));
    const build = { context: Readable.from([Buffer.from('x')], { objectMode: false }), dockerfile: 'D' };
    return await buildImage(fake.engine, build, () => undefined, AbortSignal.timeout(10_000)).catch(
      (error: unknown) => error,
    );
  }
  const built = { aux: { ID: 'sha256:1' } };

  test('breaks off after it has named an image: engine_unreachable', async () => {
    const error = await buildWith([built, { stream: 'x' }], true);
    assert.ok(error instanceof EngineError && !(error instanceof BuildError), String(error));
    assert.equal(error.code, 'engine_unreachable');
    assert.match(error.message, /^Cannot build the image: the engine broke off/);
  });

  test('names no image: engine_answer_invalid', async () => {
    for (const messages of [[], [{ stream: 'Successfully built 1' }], [null, 7, { aux: { ID: 7 } }]]) {
      const error = await buildWith(messages);
      assert.ok(error instanceof EngineError && !(error instanceof BuildError), String(error));
      assert.equal(error.code, 'engine_answer_invalid');
    }
  });

  test('reports an error in either of its ways, with an exit code or without: BuildError', async () => {
    const cases = [
      { message: { error: 'e', errorDetail: { code: 255, message: 'd' } }, reason: 'e', exitCode: 255 },
      { message: { errorDetail: { code: 256, message: 'd' } }, reason: 'd', exitCode: null },
      { message: { error: 'e', errorDetail: { code: '3' } }, reason: 'e', exitCode: null },
      { message: { errorDetail: null }, reason: 'it does not say why', exitCode: null },
    ];
    for (const { message, reason, exitCode } of cases) {
      // What comes behind it, also the end of the connection, changes nothing.
      const error = await buildWith([message, built], true);
      assert.ok(error instanceof BuildError, String(error));
      assert.deepEqual(error.failure, { kind: 'step_failed', reason, exitCode });
    }
  });
});

test('buildImage() throws what its context fails with, not that the engine is broken', async () => {
  await using fake = await startFakeEngine((_request, response) => answerWith(response, []));
  const reason = new Error('the disk is gone');
  const context = new Readable({ read: () => void context.destroy(reason) });
  await assert.rejects(
    buildImage(fake.engine, { context, dockerfile: 'D' }, () => undefined, AbortSignal.timeout(10_000)),
    (error) => error === reason,
  );
});
