import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { startApi } from '../testing/start-api.ts';

test('GET /readyz is 503 while the database is away, whatever the store of images is, and says each', async () => {
  for (const imageFolder of [tmpdir(), '/nowhere/images']) {
    await using api = await startApi({ imageFolder });
    const store = imageFolder === tmpdir() ? 'ok' : 'the folder of saved images cannot be read';
    const ready = await api.request('/readyz');
    assert.equal(ready.status, 200);
    assert.deepEqual(ready.body, { status: 'ready', checks: { database: 'ok', image_store: store } });
    api.proxy.cut();
    const away = await api.request('/readyz');
    assert.equal(away.status, 503);
    assert.deepEqual(away.body, {
      status: 'not ready',
      checks: { database: 'the database does not answer', image_store: store },
    });
    assert.equal((await api.request('/healthz')).status, 200, 'it lives all the same');
  }
});
