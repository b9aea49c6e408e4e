import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { createLogger } from '@orca/daemon';
import { claimBuild, type Database, findImage, listBuilds, requestImage } from '@orca/database';
import { cloneDatabase } from '@orca/database/testing';
import { startFakeEngine } from '@orca/docker/testing';
import { openImageStore } from './image-store.ts';
import { runBuild } from './run-build.ts';

const DOCKERFILE = 'FROM orca-grader-base\nRUN make\n';
const SHA = createHash('sha256').update(DOCKERFILE).digest('hex');
const OPTIONS = {
  ...{ installationId: 'i', networkMode: 'none', allowRemoteAdd: false, buildSeconds: 60 },
  ...{ memoryMb: 1, cpus: 1, imageBytesMax: 1024 ** 3, leaseSeconds: 60, aroundSeconds: 60 },
};
/** More than what faults there may be. */
const BUILDS = 5;

/** Claims and runs a build so often on an engine that answers so; the log of all. */
async function buildAgainAndAgain(
  db: Database,
  listener: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  await using fake = await startFakeEngine((request, response) => {
    request.resume().on('end', () => listener(request, response));
  });
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const deps = {
    ...{ db, engine: fake.engine, cgroupParent: undefined, store: await openImageStore(tmpdir()) },
    log: createLogger({ name: 'test', level: 'info', pretty: false }, { write }),
    smokeRun: async (): Promise<never> => {
      throw new Error('Cannot try an image: No such image');
    },
    onFault: () => assert.fail('nothing is wrong with the engine itself'),
  };
  await requestImage(db, { sha: SHA, dockerfile: DOCKERFILE, recipient: null, askedBy: 'a test' });
  for (let build = 0; build < BUILDS; build += 1) {
    const claimed = await claimBuild(db, { builderId: 'b', leaseSeconds: 60 });
    assert.ok(claimed !== null, 'it is due again at once');
    assert.equal(claimed.faults, 0);
    await runBuild(claimed, OPTIONS, deps, new AbortController().signal);
  }
  return lines.join('');
}

async function assertPutBack(db: Database): Promise<void> {
  assert.equal((await findImage(db, SHA))?.state, 'queued');
  const builds = await listBuilds(db, SHA, BUILDS + 1);
  assert.equal(builds.length, BUILDS);
  for (const { outcome, reason } of builds) {
    assert.equal(outcome, 'returned');
    assert.match(
      reason ?? '',
      /^Cannot build images: "orca-grader-base:latest" is not in the engine; DEPLOYMENT/,
    );
  }
}

const noSuchImage = (response: ServerResponse) => response.writeHead(404).end('{"message":"No such image"}');

test('runBuild() puts a build back that finds no base image, and counts no fault, however often', async () => {
  await using database = await cloneDatabase();
  const log = await buildAgainAndAgain(database.db, (_request, response) => noSuchImage(response));
  await assertPutBack(database.db);
  assert.match(log, /"level":"error".*"image build put back: the base image is gone"/);
});

test('runBuild() finds that the base image went in the middle of a build, whatever that met', async () => {
  await using database = await cloneDatabase();
  let isGone = false;
  await buildAgainAndAgain(database.db, ({ url = '' }, response) => {
    if (url.includes('/build?')) {
      isGone = true;
      response.end('{"aux":{"ID":"sha256:2"}}\n{"stream":"Successfully built 2\\n"}\n');
    } else if (url.includes('/images/orca-grader-base') && isGone) {
      isGone = false;
      noSuchImage(response);
    } else response.end(JSON.stringify({ Id: 'sha256:2', Size: 1 }));
  });
  await assertPutBack(database.db);
});
