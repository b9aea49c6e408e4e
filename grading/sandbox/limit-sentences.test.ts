import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_LIMITS } from '@orca/protocol';
import type { FullDisk } from '@orca/protocol/sandbox-plan';
import { type CommandLimitHit, describeCutOutput, describeLimit } from './limit-sentences.ts';

const MIB = 1024 * 1024;
const disk = (path: FullDisk['path'], what: FullDisk['what'], amount: number): Partial<CommandLimitHit> => ({
  full: { path, what, amount },
});

test('describeLimit() names each limit and its figure', () => {
  const rows: [
    limit: CommandLimitHit['limit'],
    more: Partial<CommandLimitHit>,
    kind: string,
    sentence: string,
  ][] = [
    ['memory', {}, 'memory', 'killed: used more than 1024 MiB of memory'],
    [
      'pids',
      {},
      'pids',
      'could not start another process or thread: 256 were running at once, the most allowed',
    ],
    ['step_time', { timedOut: true }, 'time', "killed: ran longer than 7 s, this command's time limit"],
    ['job_time', { timedOut: true }, 'time', 'killed: the whole job ran longer than 600 s'],
    ['disk', disk('/work', 'bytes', 512 * MIB), 'disk', 'no space left: used all of the 512 MiB of disk'],
    ['disk', disk('/tmp', 'bytes', 128 * MIB), 'disk', 'no space left in /tmp: used all of its 128 MiB'],
    [
      'disk',
      disk('/work', 'files', 24_096),
      'disk',
      'no room for another file or folder in /work: 24096 were there, the most allowed',
    ],
    ['disk', {}, 'disk', 'killed: a file was to be larger than 512 MiB, the largest that is allowed'],
  ];
  for (const [limit, more, kind, sentence] of rows) {
    const hit = { limit, full: null, timedOut: false, ...more };
    assert.deepEqual(describeLimit(hit, DEFAULT_LIMITS, 7), { kind, sentence });
  }
});

test('describeLimit() says of a cause that it went on until the time was up', () => {
  for (const limit of ['memory', 'pids', 'disk'] as const) {
    const { kind, sentence } = describeLimit({ limit, full: null, timedOut: true }, DEFAULT_LIMITS, 7);
    assert.equal(kind, limit);
    assert.match(sentence, /; it went on until its time was up$/);
  }
});

test('describeCutOutput() says how much was printed, and how much is kept', () => {
  assert.deepEqual(describeCutOutput(5_000_000), {
    kind: 'output',
    sentence:
      'printed too much: of its 5000000 bytes of output the middle was dropped; 1 MiB of each stream is kept',
  });
});
