import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { watchMemory } from './watch-memory.ts';

const HOUR_MS = 3_600_000;
const PEAK_MIB = 200;
/** What a Node may come to meanwhile by itself. */
const NOISE_MIB = 60;

/** For each line that it reads, it takes so much, gives it back, and says so. */
const CHILD = `
  const { setTimeout: pause } = require('node:timers/promises');
  const { rss } = process.memoryUsage;
  process.stdin.on('data', async () => {
    const limit = rss() + ${NOISE_MIB / 2} * 2 ** 20;
    Buffer.alloc(${PEAK_MIB} * 2 ** 20, 1);
    do {
      await pause(1);
      gc();
    } while (rss() > limit);
    process.stdout.write('given back');
  });
  process.stdout.write('ready');
`;

test('watchMemory() sees a peak between two looks, in its own stretch alone', async (t) => {
  const child = spawn(process.execPath, ['--expose-gc', '--eval', CHILD], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  // It looks when it begins and when it is asked, and never in between.
  await using watch = watchMemory({ child: child.pid ?? 0 }, HOUR_MS);
  const before = (await watch.take())['child'];
  child.stdin.write('\n');
  await once(child.stdout, 'data');
  const peak = (await watch.take())['child'];
  const after = (await watch.take())['child'];
  assert.ok(before && peak && after);
  const calm = before.looks[0] ?? 0;
  for (const { looks } of [before, peak, after])
    assert.ok(Math.max(...looks) < calm + NOISE_MIB, `looks: ${looks}`);
  assert.ok(peak.most > calm + PEAK_MIB - NOISE_MIB, `the most: ${peak.most} after ${calm} MiB`);
  for (const { most } of [before, after]) assert.ok(most < calm + NOISE_MIB, `the most: ${most}`);
});
