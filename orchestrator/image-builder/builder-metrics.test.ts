import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMetrics } from '@orca/daemon';
import { builderMetrics } from './builder-metrics.ts';

test('builderMetrics() tells what alerts look at as 0 before it has happened', async () => {
  const metrics = createMetrics();
  const note = builderMetrics(metrics, { isAble: true });
  const text = await metrics.render();
  for (const end of ['put_back', 'lost'])
    assert.match(text, new RegExp(`^orca_builds_total\\{end="${end}"\\} 0$`, 'm'));
  note('put_back', 1);
  assert.match(await metrics.render(), /^orca_builds_total\{end="put_back"\} 1$/m);
});

test('builderMetrics() tells whether the builder can work when it is asked', async () => {
  const metrics = createMetrics();
  const ability = { isAble: true };
  builderMetrics(metrics, ability);
  assert.match(await metrics.render(), /^orca_builder_able 1$/m);
  ability.isAble = false;
  assert.match(await metrics.render(), /^orca_builder_able 0$/m);
});
