import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { type CgroupCounters, readCounters, readMemoryBytes } from './cgroup.ts';

type Files = Readonly<Record<string, string>>;

function withFiles(files: Files, check: (root: string) => void): void {
  const root = mkdtempSync(join(tmpdir(), 'orca-cgroup-test-'));
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    }
    check(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}

// Recorded in groups of 200 MiB and 20 processes, after a program that took more memory than that and one that started
// thirty processes.

/** Linux 6.18, in a container. */
const VERSION_1: Files = {
  'cpuacct/cpuacct.usage': '153806877\n',
  'memory/memory.usage_in_bytes': '8294400\n',
  'memory/memory.max_usage_in_bytes': '209715200\n',
  'memory/memory.limit_in_bytes': '209715200\n',
  'memory/memory.failcnt': '75\n',
  // Its first word begins as the one that counts does.
  'memory/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 1\n',
  'pids/pids.max': '20\n',
  'pids/pids.current': '20\n',
  'pids/pids.events': 'max 12\n',
};

/** Linux 6.1. */
const VERSION_2: Files = {
  'cgroup.controllers': 'cpu memory pids\n',
  'cgroup.events': 'populated 1\nfrozen 0\n',
  'cpu.stat':
    'usage_usec 13420000\nuser_usec 13170380\nsystem_usec 249619\nnr_periods 272\nnr_throttled 258\n' +
    'throttled_usec 13230000\nnr_bursts 0\nburst_usec 0\n',
  'memory.current': '12222464\n',
  'memory.peak': '209715200\n',
  'memory.max': '209715200\n',
  // `max` counts how often the limit was met: what was freed in time killed nobody.
  'memory.events': 'low 0\nhigh 0\nmax 71\noom 1\noom_kill 1\noom_group_kill 0\n',
  'pids.max': '20\n',
  'pids.current': '0\n',
  'pids.peak': '20\n',
  'pids.events': 'max 11\n',
};

const COUNTED_1: CgroupCounters = {
  cpuMs: 153.806_877,
  memoryBytes: 8_294_400,
  memoryPeakBytes: 209_715_200,
  oomKills: 1,
  limitOoms: null,
  forksRefused: 12,
};
const COUNTED_2: CgroupCounters = {
  cpuMs: 13_420,
  memoryBytes: 12_222_464,
  memoryPeakBytes: 209_715_200,
  oomKills: 1,
  limitOoms: 1,
  forksRefused: 11,
};
const NOTHING: CgroupCounters = {
  cpuMs: 0,
  memoryBytes: 0,
  memoryPeakBytes: 0,
  oomKills: 0,
  limitOoms: null,
  forksRefused: 0,
};

const without = (files: Files, path: string): Files =>
  Object.fromEntries(Object.entries(files).filter(([name]) => name !== path));

const CASES: readonly (readonly [what: string, files: Files, counted: CgroupCounters])[] = [
  ['version 1', VERSION_1, COUNTED_1],
  ['version 2', VERSION_2, COUNTED_2],
  [
    'both versions on one machine, where version 1 does the work',
    { ...VERSION_1, 'unified/cgroup.controllers': 'hugetlb\n', 'unified/cpu.stat': 'usage_usec 974584935\n' },
    COUNTED_1,
  ],
  [
    'version 1 before Linux 4.13, which does not count who was killed',
    { ...VERSION_1, 'memory/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\n' },
    { ...COUNTED_1, oomKills: 0 },
  ],
  [
    'version 2 before Linux 5.19, which keeps no peak',
    without(VERSION_2, 'memory.peak'),
    { ...COUNTED_2, memoryPeakBytes: 0 },
  ],
  [
    'version 2 with many who were killed at once',
    { ...VERSION_2, 'memory.events': 'low 0\nhigh 0\nmax 71\noom 2\noom_kill 61\noom_group_kill 1\n' },
    { ...COUNTED_2, oomKills: 61, limitOoms: 2 },
  ],
  [
    'version 2 where the whole machine was out of memory',
    { ...VERSION_2, 'memory.events': 'low 0\nhigh 0\nmax 0\noom 0\noom_kill 1\noom_group_kill 0\n' },
    { ...COUNTED_2, limitOoms: 0 },
  ],
  [
    'version 2 below the group that has the limit, as Podman makes it: there nobody tells whose limit it was',
    { ...VERSION_2, 'memory.max': 'max\n', 'memory.events': 'low 0\nhigh 0\nmax 0\noom 0\noom_kill 1\n' },
    { ...COUNTED_2, limitOoms: null },
  ],
  [
    'version 2 without its controller of processes',
    without(VERSION_2, 'pids.events'),
    { ...COUNTED_2, forksRefused: 0 },
  ],
  [
    'version 2 with figures beyond 32 bits',
    { ...VERSION_2, 'memory.current': '6442450944\n', 'cpu.stat': 'usage_usec 7200000000\n' },
    { ...COUNTED_2, cpuMs: 7_200_000, memoryBytes: 6_442_450_944 },
  ],
  ['what is no number', { ...VERSION_2, 'memory.peak': 'max\n' }, { ...COUNTED_2, memoryPeakBytes: 0 }],
  ['nothing at all', {}, NOTHING],
];

for (const [what, files, counted] of CASES)
  test(`readCounters() and readMemoryBytes() read control groups: ${what}`, () => {
    withFiles(files, (root) => {
      assert.deepEqual(readCounters(root), counted);
      assert.equal(readMemoryBytes(root), counted.memoryBytes);
    });
  });
