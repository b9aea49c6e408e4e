import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pullImage } from './images.ts';
import { answerWith, startFakeEngine } from './testing/fake-engine.ts';

const NEVER = new AbortController().signal;
const downloading = (id: string, progressDetail: object) => ({ status: 'Downloading', id, progressDetail });

test('pullImage() tells how many bytes the layers are, as far as the registry has said or sent them', async () => {
  await using fake = await startFakeEngine((_request, response) =>
    answerWith(response, [
      { status: 'Pulling from x', id: 'latest' },
      downloading('a', { current: 1, total: 100 }),
      downloading('b', { current: 7 }),
      downloading('a', { current: 60, total: 100 }),
      downloading('b', { current: 300, total: -1 }),
      { status: 'Extracting', id: 'a', progressDetail: { current: 5, total: 5 } },
      { status: 'Download complete', id: 'b', progressDetail: {} },
    ]),
  );
  const told: [string, number][] = [];
  await pullImage(fake.engine, 'x', (line, bytes) => void told.push([line, bytes]), NEVER);
  assert.deepEqual(told, [
    ['Pulling from x', 0],
    ['Downloading', 100],
    ['Downloading', 107],
    ['Downloading', 107],
    ['Downloading', 400],
    ['Extracting', 400],
    ['Download complete', 400],
  ]);
});
