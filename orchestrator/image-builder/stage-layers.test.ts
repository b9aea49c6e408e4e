import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectEngine } from '@orca/docker';
import { startFakeEngine } from '@orca/docker/testing';
import { followStages } from './stage-layers.ts';

const LAYERS = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb', 'cccccccccccc'];

test('followStages() removes the last layers of stages, the last first, and leaves what FROM names', async () => {
  const asked: string[] = [];
  await using fake = await startFakeEngine((request, response) => {
    if (request.url === '/version') return void response.end(JSON.stringify(VERSION));
    asked.push(`${request.method} ${request.url?.split('/').at(-2)}`);
    response.writeHead(404).end('{"message":"no such image"}');
  });
  const engine = await connectEngine(fake.dockerHost);
  const layers = followBuild();
  await layers.remove(engine);
  assert.deepEqual(asked, ['GET cccccccccccc', 'GET bbbbbbbbbbbb']);
  asked.length = 0;
  const built = followBuild();
  built.keepLast();
  await built.remove(engine);
  assert.deepEqual(asked, ['GET bbbbbbbbbbbb']);
});

test('followStages() says nothing of an engine that goes away while layers are removed', async () => {
  let calls = 0;
  await using fake = await startFakeEngine((request, response) => {
    if (request.url === '/version') return void response.end(JSON.stringify(VERSION));
    calls += 1;
    response.socket?.destroy();
  });
  await followBuild().remove(await connectEngine(fake.dockerHost));
  assert.ok(calls > 0);
});

const VERSION = { Version: '20.10', ApiVersion: '1.41', MinAPIVersion: '1.12' };

/** Of two stages: the first begins with an image and ends with the second layer, the second is the third. */
function followBuild() {
  const layers = followStages();
  const [fromImage = '', first = '', second = ''] = LAYERS;
  layers.follow({ kind: 'step', text: 'Step 1/4 : FROM debian AS a' });
  layers.follow({ kind: 'layer', id: fromImage });
  layers.follow({ kind: 'step', text: 'Step 2/4 : RUN make' });
  layers.follow({ kind: 'layer', id: first });
  layers.follow({ kind: 'step', text: 'Step 3/4 : FROM orca-grader-base' });
  layers.follow({ kind: 'layer', id: fromImage });
  layers.follow({ kind: 'step', text: 'Step 4/4 : RUN true' });
  layers.follow({ kind: 'layer', id: second });
  return layers;
}
