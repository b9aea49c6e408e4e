import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { cloneDatabase } from '@orca/database/testing';
import { removeImagesOf } from './kit/images.ts';
import { startEnvironment } from './kit/start-process.ts';

const CLI = fileURLToPath(new URL('../cli/main.ts', import.meta.url));

test('orca demo builds the images of all examples and grades all their submissions as expected.json says', async () => {
  await using opened = new AsyncDisposableStack();
  const database = opened.use(await cloneDatabase());
  const folder = await mkdtemp(join(tmpdir(), 'orca-demo-'));
  opened.defer(() => rm(folder, { recursive: true }));
  opened.defer(() => removeImagesOf(database.url));
  const child = spawn(process.execPath, [CLI, 'demo', '--data', folder], {
    env: startEnvironment({ POSTGRES_URL: database.url, CI: 'true' }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  assert.equal(status, 0, `${stdout}\n${stderr}`);
  const [, count = '0'] = /^All (\d+) results are what expected\.json says$/m.exec(stdout) ?? [];
  assert.ok(Number(count) >= 20, stdout);
  for (const image of ['java-junit', 'python-pytest', 'c-make'])
    assert.match(stdout, new RegExp(`${image}.*image`), `the image of ${image} was built`);
});
