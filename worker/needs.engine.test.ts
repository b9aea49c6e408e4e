import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { connectEngine, EngineError, inspectImage } from '@orca/docker';
import { needEngineRoom } from './needs.ts';

const RUNNING = new AbortController().signal;

const refusal = (status: number, reason: string) =>
  new EngineError('engine_refused', 'Cannot create a container', { status, reason });
const FULL = refusal(500, 'write /var/lib/docker/x: no space left on device');
/** What a real engine with a full disk says now and then. */
const BEATEN = refusal(500, 'chown /var/lib/docker/overlay2/1/work/work: no such file or directory');

test('needEngineRoom() is told by the words of the engine, then writes to it until that works, and leaves nothing', async () => {
  const engine = await connectEngine();
  const workerId = randomUUID();
  const room = needEngineRoom(engine, workerId, async () => {});
  assert.deepEqual([room.isToldBy(FULL), room.isToldBy(BEATEN)], [true, false]);
  room.isDoubtedBy?.(FULL);
  await room.probe(RUNNING);
  assert.equal(await inspectImage(engine, `orca-storage-probe:${workerId}`), null);
});

test('needEngineRoom() is in doubt whenever the engine itself failed, not when it was asked for the wrong thing', async () => {
  const engine = await connectEngine();
  const room = needEngineRoom(engine, 'not a tag', async () => {});
  assert.equal(room.isDoubtedBy?.(refusal(404, 'no such image')), false);
  assert.equal(room.isDoubtedBy?.(new EngineError('engine_timeout', 'Cannot')), false);
  await room.probe(RUNNING);
  assert.equal(room.isDoubtedBy?.(BEATEN), true);
  await assert.rejects(room.probe(RUNNING), { code: 'engine_refused' });
});
