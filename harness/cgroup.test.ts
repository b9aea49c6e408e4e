import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { readCounters, readMemoryBytes } from './cgroup.ts';

const COUNTED = { cpuMs: 1_500, memoryBytes: 4_096, memoryPeakBytes: 8_192, oomKills: 2, forksRefused: 7 };

function withFiles(files: Record<string, string>, check: (root: string) => void): void {
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

test('readCounters() reads control groups of version 1', () => {
  const files = {
    'cpuacct/cpuacct.usage': '1500000000\n',
    'memory/memory.usage_in_bytes': '4096\n',
    'memory/memory.max_usage_in_bytes': '8192\n',
    'memory/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 2\n',
    'pids/pids.events': 'max 7\n',
  };
  withFiles(files, (root) => {
    assert.deepEqual(readCounters(root), COUNTED);
    assert.equal(readMemoryBytes(root), 4_096);
  });
});

test('readCounters() reads control groups of version 2', () => {
  const files = {
    'cgroup.controllers': 'cpu memory pids\n',
    'cpu.stat': 'usage_usec 1500000\nuser_usec 1\n',
    'memory.current': '4096\n',
    'memory.peak': '8192\n',
    'memory.events': 'low 0\noom 3\noom_kill 2\n',
    'pids.events': 'max 7\n',
  };
  withFiles(files, (root) => {
    assert.deepEqual(readCounters(root), COUNTED);
    assert.equal(readMemoryBytes(root), 4_096);
  });
});

test('readCounters() takes figures that there are not for 0', () => {
  withFiles({}, (root) => {
    const zero = { cpuMs: 0, memoryBytes: 0, memoryPeakBytes: 0, oomKills: 0, forksRefused: 0 };
    assert.deepEqual(readCounters(root), zero);
  });
});
