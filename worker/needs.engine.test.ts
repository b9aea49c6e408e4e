import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { connectEngine, EngineError, inspectImage } from '@orca/docker';
import { needEngineRoom } from './needs.ts';

const RUNNING = new AbortController().signal;

test('needEngineRoom() is told by the words of the engine, then writes to it until that works, and leaves nothing', async () => {
  const engine = await connectEngine();
  const workerId = randomUUID();
  const room = needEngineRoom(engine, workerId, async () => {});
  const refusal = (reason: string) =>
    new EngineError('engine_refused', 'Cannot create a container', { status: 500, reason });
  assert.equal(room.isToldBy(refusal('no such image')), false);
  assert.equal(room.isToldBy(refusal('write /var/lib/docker/x: no space left on device')), true);
  await room.probe(RUNNING);
  assert.equal(await inspectImage(engine, `orca-storage-probe:${workerId}`), null);
});

test('needEngineRoom() fails while nothing can be written', async () => {
  const engine = await connectEngine();
  const room = needEngineRoom(engine, 'not a tag', async () => {});
  await room.probe(RUNNING);
  room.isToldBy(new EngineError('engine_refused', 'Cannot', { status: 500, reason: 'disk quota exceeded' }));
  await assert.rejects(room.probe(RUNNING), { code: 'engine_refused' });
});
