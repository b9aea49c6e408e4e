import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { createLogger } from '@orca/daemon';
import { claimBuild, findImage, listBuilds, requestImage } from '@orca/database';
import { cloneDatabase } from '@orca/database/testing';
import { startFakeEngine } from '@orca/docker/testing';
import { endInTime, OverdueError } from './end-in-time.ts';
import { openImageStore } from './image-store.ts';
import { runBuild } from './run-build.ts';

const DOCKERFILE = 'FROM orca-grader-base\nRUN make\n';
const SHA = createHash('sha256').update(DOCKERFILE).digest('hex');

test('endInTime() gives what comes in time, fails as that fails, and waits for nothing beyond it', async () => {
  const never = new AbortController().signal;
  const patient = { seconds: 60, ended: never, graceSeconds: 60 };
  assert.equal(await endInTime(async () => 'made', patient), 'made');
  await assert.rejects(
    endInTime(() => Promise.reject(new TypeError('no')), patient),
    TypeError,
  );
  let signal: AbortSignal | undefined;
  const hang = (over: AbortSignal): Promise<never> => {
    signal = over;
    return new Promise(() => undefined);
  };
  await assert.rejects(endInTime(hang, { ...patient, seconds: 0.05 }), OverdueError);
  assert.equal(signal?.aborted, true);
  const end = new AbortController();
  const hanging = endInTime(hang, { ...patient, ended: end.signal, graceSeconds: 0.05 });
  assert.equal(signal?.aborted, false);
  end.abort();
  assert.equal(signal?.aborted, true, 'it is told at once');
  await assert.rejects(hanging, { message: 'It did not end within 0.05 s' });
  await assert.rejects(endInTime(hang, { ...patient, ended: end.signal, graceSeconds: 0.05 }), OverdueError);
});

test('runBuild() puts a build back of which a part never ends, as a fault of ours', {
  timeout: 60_000,
}, async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await using fake = await startFakeEngine((request, response) => {
    const built = '{"aux":{"ID":"sha256:2"}}\n{"stream":"Successfully built 2\\n"}\n';
    const said = request.url?.includes('/build?') ? built : JSON.stringify({ Id: 'sha256:2', Size: 1 });
    request.resume().on('end', () => response.end(said));
  });
  await requestImage(db, { sha: SHA, dockerfile: DOCKERFILE, recipient: null, askedBy: 'a test' });
  const build = await claimBuild(db, { builderId: 'b', leaseSeconds: 60 });
  assert.ok(build !== null);
  const options = {
    ...{ installationId: 'i', networkMode: 'none', allowRemoteAdd: false, buildSeconds: 2, aroundSeconds: 1 },
    ...{ memoryMb: 1, cpus: 1, imageBytesMax: 1024 ** 3, leaseSeconds: 60 },
  };
  let tries = 0;
  const deps = {
    ...{ db, engine: fake.engine, cgroupParent: undefined, store: await openImageStore(tmpdir()) },
    log: createLogger({ name: 'test', level: 'silent', pretty: false }),
    smokeRun: () => {
      tries += 1;
      return new Promise<never>(() => undefined);
    },
  };
  await runBuild(build, options, deps, new AbortController().signal);
  assert.equal(tries, 1);
  assert.equal((await findImage(db, SHA))?.state, 'queued');
  const [ended] = await listBuilds(db, SHA, 1);
  assert.deepEqual([ended?.outcome, ended?.reason], ['returned', 'It did not end within 3 s']);
  assert.equal(
    await claimBuild(db, { builderId: 'b', leaseSeconds: 60 }),
    null,
    'after a fault it waits a while',
  );
});
