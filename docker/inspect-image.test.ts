import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineError } from './engine-error.ts';
import { inspectImage, listImages } from './inspect-image.ts';
import { startFakeEngine } from './testing/fake-engine.ts';

async function inspectAs(answer: unknown): ReturnType<typeof inspectImage> {
  await using fake = await startFakeEngine((_request, response) => response.end(JSON.stringify(answer)));
  return await inspectImage(fake.engine, 'x');
}

const WEIRD = [null, 7, 'text', true, [], {}, [null, 7, {}], { a: null }];

test('inspectImage() reads what an image says of itself', async () => {
  const state = await inspectAs({
    Id: 'sha256:1',
    Parent: 'sha256:0',
    Created: '2026-01-02T03:04:05.123456789Z',
    Size: 5,
    Os: 'linux',
    Architecture: 'amd64',
    Config: {
      User: 'root',
      WorkingDir: '/w',
      Entrypoint: ['/e'],
      Healthcheck: { Test: ['CMD-SHELL', 'true'] },
      OnBuild: ['RUN true'],
      ExposedPorts: { '80/tcp': {} },
      StopSignal: 'SIGTERM',
    },
  });
  assert.partialDeepStrictEqual(state, {
    parentId: 'sha256:0',
    createdAt: new Date('2026-01-02T03:04:05.123Z'),
    os: 'linux',
    architecture: 'amd64',
    user: 'root',
    workingFolder: '/w',
    hasEntrypoint: true,
    hasHealthcheck: true,
    onBuild: ['RUN true'],
    exposedPorts: ['80/tcp'],
    stopSignal: 'SIGTERM',
  });
});

test('inspectImage() takes absent and empty metadata for none, as each engine writes it', async () => {
  const none = {
    hasEntrypoint: false,
    hasHealthcheck: false,
    user: '',
    createdAt: null,
    parentId: null,
    onBuild: [],
  };
  const empty = { User: '', Entrypoint: [], Healthcheck: { Test: ['NONE'] }, OnBuild: null };
  for (const rest of [{}, { Config: null }, { Config: empty, Created: '', Parent: '' }]) {
    assert.partialDeepStrictEqual(await inspectAs({ Id: 'sha256:1', Size: 0, ...rest }), none);
  }
});

test('inspectImage() bears any metadata, and throws only an EngineError', async () => {
  const fields = ['Created', 'Parent', 'RepoTags', 'Config', 'RootFS', 'Os'];
  const inConfig = [
    'User',
    'Entrypoint',
    'Healthcheck',
    'OnBuild',
    'Labels',
    'Env',
    'Volumes',
    'ExposedPorts',
  ];
  for (const weird of WEIRD) {
    const all = Object.fromEntries(fields.map((name) => [name, weird]));
    const config = Object.fromEntries(inConfig.map((name) => [name, weird]));
    assert.equal((await inspectAs({ Id: 'sha256:1', Size: 0, ...all }))?.createdAt, null);
    assert.equal((await inspectAs({ Id: 'sha256:1', Size: 0, Config: config }))?.id, 'sha256:1');
    await assert.rejects(inspectAs({ Id: weird, Size: weird }), EngineError);
    await assert.rejects(inspectAs(weird), EngineError);
  }
});

test('listImages() filters by labels with a value and without, and bears what engines leave out', async () => {
  const item = { Id: 'sha256:1', Created: 1_700_000_000, Size: 1, Labels: null, RepoTags: ['<none>:<none>'] };
  const asked: (string | null)[] = [];
  await using fake = await startFakeEngine(({ url = '' }, response) => {
    asked.push(new URL(url, 'http://engine').searchParams.get('filters'));
    response.end(JSON.stringify([item]));
  });
  const images = await listImages(fake.engine, { labels: { a: 'b=c', d: null }, dangling: true });
  const createdAt = new Date('2023-11-14T22:13:20Z');
  assert.deepEqual(images, [
    { id: 'sha256:1', tags: [], parentId: null, createdAt, sizeBytes: 1, labels: {} },
  ]);
  await listImages(fake.engine, {});
  assert.deepEqual(asked, ['{"label":["a=b=c","d"],"dangling":["true"]}', '{"label":[]}']);
});

test('listImages() throws an EngineError for what is no list of images', async () => {
  for (const weird of [{}, null, 'x', [null], [{ Id: 'sha256:1', Created: 'x', Size: 1 }]]) {
    await using fake = await startFakeEngine((_request, response) => response.end(JSON.stringify(weird)));
    await assert.rejects(listImages(fake.engine, {}), { code: 'engine_answer_invalid' });
  }
});
