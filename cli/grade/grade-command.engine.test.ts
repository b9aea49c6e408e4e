import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadEnvironment } from '@orca/daemon';
import { connectEngine, inspectImage, listContainers, removeImage } from '@orca/docker';

const MAIN = join(import.meta.dirname, '../main.ts');

const SCRIPT = JSON.stringify([{ cmd: 'cat /made-here; id -un', on_complete: 'output' }]);

function grade(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [MAIN, 'grade', '-', ...args], { encoding: 'utf8', input: SCRIPT });
}

function tagOf(dockerfile: string): string {
  return `orca-at-home:${createHash('sha256').update(dockerfile).digest('hex')}`;
}

test('orca grade --dockerfile builds an image and grades in it, and leaves no container and no earlier image', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'orca-test-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'grader.Dockerfile');
  const dockerfile = `FROM orca-grader-base\nRUN echo made ${process.pid} > /made-here\n`;
  writeFileSync(path, dockerfile);
  const engine = await connectEngine(loadEnvironment()['DOCKER_HOST']);
  const tag = tagOf(dockerfile);
  context.after(() => removeImage(engine, tag));

  const built = grade('--dockerfile', path);
  assert.equal(built.status, 0, built.stderr);
  assert.equal(JSON.parse(built.stdout).output, `made ${process.pid}\norca-grader`);
  assert.match(built.stderr, /Building .*grader\.Dockerfile: done/);
  const byName = grade('--image', tag);
  assert.equal(JSON.parse(byName.stdout).output, `made ${process.pid}\norca-grader`);
  const labels = { 'orca.installation': `at-home-${hostname()}` };
  const own = (await listContainers(engine, { labels })).map(({ name }) => name);
  assert.deepEqual(own, []);

  const changed = `${dockerfile}RUN echo changed > /made-here\n`;
  writeFileSync(path, changed);
  const newTag = tagOf(changed);
  context.after(() => removeImage(engine, newTag));
  assert.match(JSON.parse(grade('--dockerfile', path).stdout).output, /^changed\n/);
  assert.equal(await inspectImage(engine, tag), null, 'what the Dockerfile was before is gone');
  assert.notEqual(await inspectImage(engine, newTag), null);

  writeFileSync(path, 'FROM debian\n');
  const refused = grade('--dockerfile', path);
  assert.equal(refused.status, 2);
  assert.match(refused.stderr, /line 1: .*orca-grader-base/);

  writeFileSync(path, 'FROM orca-grader-base\nRUN echo wrong >&2; exit 3\n');
  const failed = grade('--dockerfile', path);
  assert.equal(failed.status, 1);
  assert.match(failed.stderr, /wrong[\s\S]*, as shown above\n$/);
});

test('orca grade says what to do about an image that is not there', () => {
  const { status, stderr } = grade('--image', 'orca-no-such-image');
  assert.equal(status, 1);
  assert.match(stderr, /the engine has none of this name; "docker images" lists those that it has/);
  assert.equal(grade('--dockerfile', '/no/such/Dockerfile').status, 2);
});
