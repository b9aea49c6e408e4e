import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeTemporaryFolder } from '../grade/temporary-folder.ts';
import { REPOSITORY } from '../repository.ts';

test("orca demo refuses production's database before it makes anything", async () => {
  await using folder = await makeTemporaryFolder();
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(REPOSITORY.root, 'cli/main.ts'), 'demo', '--data', folder.path],
    {
      // Nothing listens at either, should it not refuse.
      env: {
        ...{ ENVIRONMENT: 'production', POSTGRES_URL: 'postgres://127.0.0.1:1/orca' },
        DOCKER_HOST: 'unix:///nonexistent/docker.sock',
      },
      cwd: folder.path,
      encoding: 'utf8',
    },
  );
  assert.equal(status, 1);
  assert.match(stderr, /^Cannot run a demo: .*env -u POSTGRES_URL -u ENVIRONMENT \.\/orca demo\n$/);
  assert.deepEqual(readdirSync(folder.path), []);
});
