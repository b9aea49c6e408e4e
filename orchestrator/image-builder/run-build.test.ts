import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { createLogger } from '@orca/daemon';
import { BUILD_FAULTS_MAX, type ClaimedBuild, type Database, DatabaseError } from '@orca/database';
import { openImageStore } from './image-store.ts';
import { runBuild } from './run-build.ts';

const log = createLogger({ name: 'test', level: 'silent', pretty: false });

/** One that needs no engine: it is refused at once. */
const BUILD: ClaimedBuild = {
  ...{
    buildId: 1,
    sha: 'a'.repeat(64),
    dockerfile: 'FROM orca-grader-base\n',
    number: 4,
    leaseToken: 'token',
  },
  ...{ faults: BUILD_FAULTS_MAX, hasFailed: false, saved: null },
};

const OPTIONS = {
  ...{
    installationId: 'i',
    networkMode: 'none',
    allowRemoteAdd: false,
    buildSeconds: 1,
    memoryMb: 1,
    cpus: 1,
  },
  ...{ imageBytesMax: 1, leaseSeconds: 60, aroundSeconds: 60 },
};

test('runBuild() waits no longer for a database that is away once it is told to stop', {
  timeout: 60_000,
}, async () => {
  const stop = new AbortController();
  const away = async (): Promise<never> => {
    stop.abort();
    throw new DatabaseError('database_unreachable', 'away');
  };
  const db: Database = {
    ...{ url: 'postgres://nowhere', room: { isInDoubt: false } },
    ...{ query: away, batch: away, transaction: away, [Symbol.asyncDispose]: async () => {} },
  };
  const endings: string[] = [];
  const deps = {
    ...{ db, log, onEnd: (ending: string) => void endings.push(ending) },
    engine: { address: { kind: 'unix' as const, path: '/nowhere' }, apiVersion: '1.41' },
    ...{ cgroupParent: undefined, store: await openImageStore(tmpdir()), smokeRun: assert.fail },
  };
  await runBuild(BUILD, OPTIONS, deps, stop.signal);
  assert.deepEqual(endings, ['put_back']);
});
