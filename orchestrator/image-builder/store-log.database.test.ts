import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { createLogger } from '@orca/daemon';
import { claimBuild, type Database, DatabaseError, readBuildLog, requestImage } from '@orca/database';
import { cloneDatabase } from '@orca/database/testing';
import { startFakeEngine } from '@orca/docker/testing';
import { createBuildLog } from './build-log.ts';
import { openImageStore } from './image-store.ts';
import { runBuild } from './run-build.ts';
import { openLogStore } from './store-log.ts';

const log = createLogger({ name: 'test', level: 'silent', pretty: false });
const STEP = 'Step 2/2 : RUN make';

async function claim(db: Database) {
  const dockerfile = 'FROM orca-grader-base\nRUN make\n';
  const sha = createHash('sha256').update(dockerfile).digest('hex');
  const recipient = { client: 'course.example.edu', responseUrl: 'https://course.example.edu/1' };
  await requestImage(db, { sha, dockerfile, recipient, askedBy: recipient.client });
  return (
    (await claimBuild(db, { builderId: 'b', leaseSeconds: 60 })) ?? assert.fail('nothing is to be built')
  );
}

async function read(db: Database, buildId: number): Promise<string> {
  return (await readBuildLog(db, { buildId, after: 0 })).map(({ output }) => output).join('');
}

test('openLogStore() stores all of a log, once, though the database was away in the middle of it', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const build = await claim(db);
  let isAway = false;
  const query: Database['query'] = async (...asked) => {
    if (isAway) throw new DatabaseError('database_unreachable', 'away');
    return db.query(...asked);
  };
  const buildLog = createBuildLog();
  const store = openLogStore(build, buildLog, { db: { ...db, query }, log });
  buildLog.begin(STEP);
  buildLog.print('one\n');
  await store();
  isAway = true;
  buildLog.print('two\n');
  await store();
  isAway = false;
  buildLog.print('three\n');
  await Promise.all([store(), store()]);
  await store();
  assert.equal(await read(db, build.buildId), 'one\ntwo\nthree\n');
});

test('runBuild() stores what was printed last of a build that it puts back', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const build = await claim(db);
  const stop = new AbortController();
  await using fake = await startFakeEngine(({ url = '' }, response) => {
    response.req.resume().on('end', () => {
      if (!url.includes('/build?')) return response.end(JSON.stringify({ Id: 'sha256:1', Size: 1 }));
      for (const stream of [`${STEP}\n`, 'the last words\n'])
        response.write(`${JSON.stringify({ stream })}\n`);
      return setTimeout(() => stop.abort(), 100);
    });
  });
  const deps = {
    ...{ db, log, engine: fake.engine, cgroupParent: undefined },
    ...{ store: await openImageStore(tmpdir()), smokeRun: assert.fail },
  };
  const options = {
    ...{ installationId: 'i', networkMode: 'none', allowRemoteAdd: false, buildSeconds: 60 },
    ...{ memoryMb: 1, cpus: 1, imageBytesMax: 1024 ** 3, leaseSeconds: 60, aroundSeconds: 60 },
  };
  await runBuild(build, options, deps, stop.signal);
  assert.equal(await read(db, build.buildId), 'the last words\n');
});
