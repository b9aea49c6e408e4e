import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { loadEnvironment } from '@orca/daemon';
import { connectEngine, DEFAULT_DOCKER_HOST, inspectImage, listContainers, removeImage } from '@orca/docker';

const MAIN = join(import.meta.dirname, '../main.ts');

const DEADLINE_MS = 120_000;

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

test('orca grade --watch grades as soon as Docker is up, when it was down at first', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'orca-test-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'job.json');
  writeFileSync(path, '[{"cmd":"echo up","on_complete":"output"}]');
  const socket = join(folder, 'docker.sock');
  const env = loadEnvironment();
  const child = spawn(process.execPath, [MAIN, 'grade', path, '--watch'], {
    env: { PATH: env['PATH'], DOCKER_HOST: `unix://${socket}` },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: DEADLINE_MS,
  });
  context.after(() => child.kill('SIGKILL'));
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    said.push(line);
    if (!line.startsWith('Watching')) continue;
    if (said.includes('Graded')) break;
    assert.match(said.join('\n'), /DOCKER_HOST says to use this engine: start it/);
    assert.ok(said.length <= 3, said.join('\n'));
    symlinkSync((env['DOCKER_HOST'] ?? DEFAULT_DOCKER_HOST).replace('unix://', ''), socket);
    utimesSync(path, new Date(), new Date());
  }
  assert.equal(said.at(-2), 'Graded', said.join('\n'));
  child.kill('SIGINT');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});
