import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startFakeEngine } from '@orca/docker/testing';
import { createBuildLog } from './build-log.ts';
import { findStageProblem } from './stage-images.ts';

const NEVER = new AbortController().signal;

/** Looks at a stage's image on an engine that has it once it is pulled, if it can be. */
async function findProblem(config: object, pulled: object = { status: 'done' }) {
  const asked: string[] = [];
  let isThere = false;
  await using fake = await startFakeEngine(({ method, url = '' }, response) => {
    asked.push(`${method} ${url.replace(/^\/v[\d.]+/, '')}`);
    const answer = isThere ? { Id: 'sha256:1', Size: 1, Config: config } : {};
    if (method === 'POST') isThere = true;
    if (method === 'GET' && !isThere) response.statusCode = 404;
    response.end(`${JSON.stringify(method === 'POST' ? pulled : answer)}\n`);
  });
  const deps = { engine: fake.engine, log: createBuildLog() };
  return { problem: await findStageProblem(['evil/x'], 64, deps, NEVER), asked };
}

test('findStageProblem() fetches what the engine lacks, and refuses instructions of its own', async () => {
  const { problem, asked } = await findProblem({ OnBuild: ['ADD http://169.254.169.254/\nx /y'] });
  assert.match(
    problem ?? '',
    /^"evil\/x" has instructions of its own .*: ONBUILD ADD http.*\. Begin the stage/,
  );
  assert.deepEqual(asked, [
    'GET /images/evil/x/json',
    'POST /images/create?fromImage=evil%2Fx&tag=latest',
    'GET /images/evil/x/json',
  ]);
});

test('findStageProblem() refuses an ENV that a grader image may not have, and finds nothing wrong with others', async () => {
  assert.match(
    (await findProblem({ Env: [`A=${'x'.repeat(70_000)}`] })).problem ?? '',
    /ENV of "evil\/x" is larger/,
  );
  assert.equal((await findProblem({ Env: ['PATH=/bin'] })).problem, null);
});

test('findStageProblem() tells why there is no such image, and blames no Dockerfile for a full disk', async () => {
  const { problem } = await findProblem({}, { error: 'pull access denied for evil/x' });
  assert.equal(problem, 'FROM evil/x: pull access denied for evil/x');
  const full = { error: 'write /x: no space left on device' };
  await assert.rejects(findProblem({}, full), { code: 'engine_refused', reason: full.error });
});
