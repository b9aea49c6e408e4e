import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listContainers } from './containers.ts';
import { startFakeEngine } from './testing/fake-engine.ts';

test('listContainers() knows a size only where it has asked and the engine has told', async () => {
  const cases = [
    { SizeRw: 5, sizeRwBytes: 5 },
    { SizeRw: undefined, sizeRwBytes: 0 },
    { SizeRw: -1, sizeRwBytes: null },
    { SizeRw: '5', sizeRwBytes: null },
  ];
  for (const { SizeRw, sizeRwBytes } of cases) {
    const asked: URLSearchParams[] = [];
    await using fake = await startFakeEngine(({ url = '' }, response) => {
      asked.push(new URL(url, 'http://engine').searchParams);
      response.end(
        JSON.stringify([{ Id: '1', Names: ['/n'], State: 'running', ImageID: 'sha256:1', SizeRw }]),
      );
    });
    const filter = { id: '1', ancestor: 'a', running: true } as const;
    assert.deepEqual(await listContainers(fake.engine, { ...filter, size: true }), [
      { id: '1', name: 'n', state: 'running', labels: {}, imageId: 'sha256:1', sizeRwBytes },
    ]);
    assert.equal((await listContainers(fake.engine, {}))[0]?.sizeRwBytes, null);
    const filters = '{"label":[],"id":["1"],"ancestor":["a"],"status":["running"]}';
    assert.deepEqual(
      asked.map((query) => query.get('size')),
      ['1', null],
    );
    assert.deepEqual(
      asked.map((query) => query.get('filters')),
      [filters, '{"label":[]}'],
    );
  }
});

test('listContainers() calls a container without a name by its id, and still lists the others', async () => {
  const nameless = { Id: 'c1', State: 'dead', ImageID: 'sha256:1' };
  await using fake = await startFakeEngine((_request, response) => {
    const all = [
      nameless,
      { ...nameless, Names: null },
      { ...nameless, Names: [] },
      { ...nameless, Names: ['/n'] },
    ];
    response.end(JSON.stringify(all));
  });
  const listed = await listContainers(fake.engine, {});
  assert.deepEqual(
    listed.map(({ name }) => name),
    ['c1', 'c1', 'c1', 'n'],
  );
});

test('listContainers() asks for several by the beginnings of their ids', async () => {
  const asked: (string | null)[] = [];
  await using fake = await startFakeEngine(({ url = '' }, response) => {
    asked.push(new URL(url, 'http://engine').searchParams.get('filters'));
    response.end('[]');
  });
  assert.deepEqual(await listContainers(fake.engine, { id: ['1', '2'] }), []);
  assert.deepEqual(asked, ['{"label":[],"id":["1","2"]}']);
});
