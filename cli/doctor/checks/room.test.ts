import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FILES_ROOM, IMAGES_ROOM, judgeCapacity, judgeRoom } from './room.ts';

const FOLDER = { path: '/srv/orca', existing: '/srv/orca', isWritable: true, freeBytes: 2 ** 50 };
const GIB = 1024 ** 3;

for (const [needs, name] of [
  [IMAGES_ROOM, 'images'],
  [FILES_ROOM, 'files'],
] as const)
  test(`judgeRoom() warns and fails at the thresholds of ${name}, not before`, () => {
    const judge = (freeBytes: number): string => judgeRoom({ ...FOLDER, freeBytes }, needs, true).kind;
    assert.deepEqual([needs.low, needs.low - 1, needs.least, needs.least - 1].map(judge), [
      'ok',
      'warn',
      'warn',
      'fail',
    ]);
  });

test('judgeRoom() fails for a folder that this user has to write and may not, there or not', () => {
  const closed = { ...FOLDER, isWritable: false };
  assert.equal(judgeRoom(closed, FILES_ROOM, false).kind, 'ok');
  const there = judgeRoom(closed, FILES_ROOM, true);
  assert.match(there.kind === 'fail' ? there.now : '', /may not write to \/srv\/orca/);
  const absent = judgeRoom({ ...closed, existing: '/srv' }, FILES_ROOM, true);
  assert.match(absent.kind === 'fail' ? absent.now : '', /no \/srv\/orca, and this user may not make it/);
});

test('judgeCapacity() warns when jobs at once need more processors or memory than there are', () => {
  assert.equal(judgeCapacity({ cpus: 4, memoryBytes: 16 * GIB }, 4).kind, 'ok');
  assert.equal(judgeCapacity({ cpus: 4, memoryBytes: 16 * GIB }, 5).kind, 'warn');
  const small = judgeCapacity({ cpus: 8, memoryBytes: 4 * GIB }, 8);
  assert.match(small.kind === 'warn' ? small.mend : '', /ORCA_CONCURRENCY=2/);
  assert.equal(judgeCapacity({ cpus: 1, memoryBytes: GIB }, 1).kind, 'ok');
});
