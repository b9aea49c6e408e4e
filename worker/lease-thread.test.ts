import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

const THREAD = new URL('./lease-thread.ts', import.meta.url).href;
/** Says which files of packages and rooms it takes to import the thread's. */
const SOURCE = `
  import { registerHooks } from 'node:module';
  const loaded = [];
  registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
  await import(${JSON.stringify(THREAD)});
  console.log(JSON.stringify(loaded));`;

test('lease-thread.ts imports little: a thread loads everything a second time', () => {
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', SOURCE], {
    encoding: 'utf8',
  });
  assert.ok(stdout !== '', stderr);
  const loaded: string[] = JSON.parse(stdout);
  assert.ok(loaded.includes(THREAD));
  const isHeavy =
    /\/(typebox|pino|prom-client)\/|\/(daemon|protocol|grading|docker)\/|\/database\/index\.ts$/;
  assert.deepEqual(
    loaded.filter((url) => isHeavy.test(url)),
    [],
  );
});
