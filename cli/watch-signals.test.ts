import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';

const MODULE = new URL('./watch-signals.ts', import.meta.url).href;
const SOURCE = `
  import { untilAborted, watchSignals } from ${JSON.stringify(MODULE)};
  const hold = setInterval(() => {}, 1000);
  const signals = watchSignals((line) => console.log(line));
  console.log('watching');
  await untilAborted(signals.stopping);
  console.log('stopping');
  await untilAborted(signals.hurried);
  console.log('hurried');`;

test('watchSignals() stops at the first signal, hurries at the second, and ends the process at the third', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', SOURCE], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const answers: Record<string, NodeJS.Signals> = {
    watching: 'SIGINT',
    stopping: 'SIGTERM',
    hurried: 'SIGHUP',
  };
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    const signal = answers[line];
    if (signal !== undefined) child.kill(signal);
  }
  assert.deepEqual(lines, [
    'watching',
    'Stopping; a second signal hurries',
    'stopping',
    'Stopping at once',
    'hurried',
  ]);
  assert.deepEqual(await exited, [1, null]);
});
