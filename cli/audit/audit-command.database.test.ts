import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { enqueueJob } from '@orca/database';
import { cloneDatabase, makeJob } from '@orca/database/testing';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
/** Containers are not what these tests are about. */
const NO_ENGINE = 'unix:///nowhere/docker.sock';
const NO_DATA = join(import.meta.dirname, 'no-data');

/** Calls `orca audit`. */
function audit(env: Record<string, string>): Promise<{ status: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const options = { env: { DOCKER_HOST: NO_ENGINE, ...env } };
    execFile(process.execPath, [MAIN, 'audit', '--data', NO_DATA], options, (error, stdout, stderr) =>
      resolve({ status: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}

test('orca audit ends with 0 when all holds, and with 1 when something does not', async () => {
  await using database = await cloneDatabase();
  const { db, url } = database;
  await enqueueJob(db, makeJob());
  const sound = await audit({ POSTGRES_URL: url });
  assert.equal(sound.status, 0, sound.stderr);
  assert.match(sound.stdout, /All holds\.\n$/);
  const text = 'delete from orca.reservations';
  await db.query({ name: 'test_lose_places', text, writes: true });
  const broken = await audit({ POSTGRES_URL: url });
  assert.equal(broken.status, 1);
  assert.match(broken.stdout, /each_job_has_a_place/);
});

test('orca audit ends with 3 when it could not look: that is no word on what holds', async () => {
  const silent = await audit({ POSTGRES_URL: 'postgres://orca:secret@127.0.0.1:1/orca' });
  assert.equal(silent.status, 3);
  assert.match(
    silent.stderr,
    /^Cannot audit the system: Cannot run "connect": PostgreSQL does not answer\n$/,
  );
  const none = await audit({});
  assert.equal(none.status, 3);
  assert.match(none.stderr, /^Cannot find the database: POSTGRES_URL is not set/);
  for (const { stdout } of [silent, none]) assert.equal(stdout, '');
});
