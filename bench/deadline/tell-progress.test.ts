import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { tellProgress } from './tell-progress.ts';

test('tellProgress() says how far it is, again and again, and no more once it is over', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const said: string[] = [];
  let back = 0;
  {
    using _ = tellProgress(
      () => `${back} results back`,
      (line) => said.push(line),
    );
    t.mock.timers.tick(9_999);
    assert.deepEqual(said, []);
    back = 3;
    t.mock.timers.tick(1);
    back = 5;
    t.mock.timers.tick(10_000);
  }
  t.mock.timers.tick(60_000);
  await turn();
  assert.deepEqual(said, ['  3 results back', '  5 results back']);
});
