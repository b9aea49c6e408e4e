import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { test } from 'node:test';
import type { ClaimedBuild } from '@orca/database';
import { startFakeEngine } from '@orca/docker/testing';
import { BaseGoneError } from './base-image.ts';
import { buildDockerfile } from './build-dockerfile.ts';
import { createBuildLog } from './build-log.ts';

const BUILD: ClaimedBuild = {
  ...{ buildId: 1, sha: 'a'.repeat(64), dockerfile: 'FROM orca-grader-base\nRUN make\n', number: 1 },
  ...{ leaseToken: 'token', faults: 0, hasFailed: false, saved: null },
};
const OPTIONS = {
  ...{ installationId: 'i', networkMode: 'none', allowRemoteAdd: false, buildSeconds: 60 },
  ...{ memoryMb: 1, cpus: 1, imageBytesMax: 1024 ** 3 },
};
const STEP = { stream: 'Step 2/2 : RUN make\n' };
const FULL = 'write /x: no space left on device';

type Answer = (response: ServerResponse) => void;
/** What an engine does: of a build, of an image to import or to look at, and of a container to make. */
type Deeds = { build: Answer; import?: Answer; inspect?: Answer; create?: Answer };

const say =
  (...messages: readonly unknown[]): Answer =>
  (response) =>
    response.end(messages.map((message) => `${JSON.stringify(message)}\n`).join(''));
const begin: Answer = (response) => response.write(`${JSON.stringify(STEP)}\n`);
const refuse: Answer = (response) => response.writeHead(500).end(JSON.stringify({ message: FULL }));
const breakOff: Answer = (response) => response.socket?.destroy();
const failed = (code: number) => ({ errorDetail: { code, message: `non-zero code: ${code}` } });

/** Builds on such an engine. */
async function buildOn(deeds: Deeds, buildSeconds = OPTIONS.buildSeconds) {
  const listener = ({ method, url = '' }: IncomingMessage, response: ServerResponse): void => {
    const answer = (act: Answer): void => void response.req.resume().on('end', () => act(response));
    if (url.includes('/build?')) answer(deeds.build);
    else if (url.includes('/images/create')) answer(deeds.import ?? say({ status: 'x' }));
    else if (url.includes('/containers/create')) answer(deeds.create ?? say({ Id: 'x' }));
    else if (method === 'GET' && url.includes('/images/'))
      answer(deeds.inspect ?? say({ Id: 'sha256:1', Size: 1 }));
    else answer((ended) => void ended.writeHead(404).end());
  };
  await using fake = await startFakeEngine(listener);
  const deps = { engine: fake.engine, cgroupParent: undefined };
  const signal = new AbortController().signal;
  return await buildDockerfile(
    { ...BUILD, registryReferences: [] },
    { ...OPTIONS, buildSeconds },
    deps,
    createBuildLog(),
    signal,
  );
}

test('buildDockerfile() blames no Dockerfile for being late on an engine that makes no containers', async () => {
  await assert.rejects(buildOn({ build: begin, create: breakOff }, 0.2), { code: 'engine_unreachable' });
  const built = await buildOn({ build: begin }, 0.2);
  assert.ok(built.kind === 'refused');
  assert.match(built.sentence, /did not end within 0\.2 s, and was stopped \(Step 2\/2 : RUN make\)$/);
});

test('buildDockerfile() blames no Dockerfile for what a command printed of a disk that is full', async () => {
  const build = say(STEP, { stream: `E: ${FULL.replace('no', 'No')}\n` }, failed(100));
  await assert.rejects(buildOn({ build, import: refuse }), { code: 'engine_refused', reason: FULL });
  const pretended = await buildOn({ build });
  assert.ok(pretended.kind === 'refused');
  assert.match(pretended.sentence, /non-zero code: 100/);
  const other = await buildOn({ build: say(STEP, failed(100)), import: refuse });
  assert.equal(other.kind, 'refused', 'nothing speaks of room: the engine is not tried');
});

test('buildDockerfile() blames no Dockerfile for a layer that another build has removed', async () => {
  const message = `No such image: sha256:${'ab'.repeat(32)}`;
  await assert.rejects(buildOn({ build: say(STEP, { errorDetail: { message } }) }), { reason: message });
});

test('buildDockerfile() blames no Dockerfile for a base image that went in the middle of it', async () => {
  const message = 'pull access denied for orca-grader-base, repository does not exist';
  const build = say({ stream: 'Step 1/2 : FROM orca-grader-base\n' }, { errorDetail: { message } });
  const gone: Answer = (response) => response.writeHead(404).end('{"message":"No such image"}');
  await assert.rejects(buildOn({ build, inspect: gone }), BaseGoneError);
  await assert.rejects(buildOn({ build: begin, inspect: gone }, 0.2), BaseGoneError, 'a registry that hangs');
  assert.equal((await buildOn({ build })).kind, 'refused', 'it is there: the Dockerfile names another image');
});
