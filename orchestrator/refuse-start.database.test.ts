import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeTemporaryFolder, runToEnd } from '@orca/daemon/testing';
import { cloneDatabase, pretendSchema } from '@orca/database/testing';

const MAIN = join(import.meta.dirname, 'main.ts');
const DAEMONS = ['server', 'image-builder', 'start'];
const DROP_SCHEMA = { name: 'drop_schema', text: 'drop schema orca cascade', writes: true } as const;

const run = (command: string, env: Record<string, string>, cwd = '/') =>
  runToEnd(MAIN, { args: [command], env, cwd });

test('main.ts migrate and every program of the orchestrator refuse a schema of a newer Orca with the next step, and end with 1', async (t) => {
  await using database = await cloneDatabase();
  await pretendSchema(database.db, 'newer');
  const ORCA_IMAGE_FOLDER = await makeTemporaryFolder(t);
  for (const ENVIRONMENT of ['production', 'development'])
    for (const command of ['migrate', ...DAEMONS]) {
      const env = { POSTGRES_URL: database.url, API_PORT: '0', ENVIRONMENT, ORCA_IMAGE_FOLDER };
      const { status, output } = await run(command, env);
      assert.equal(status, 1, `${command}: ${output}`);
      assert.match(output, /number 9999.*update (this )?Orca, or restore a backup/, command);
    }
});

test('every program of the orchestrator refuses an older schema in production and names npm run migrate, which mends it', async (t) => {
  await using database = await cloneDatabase();
  await database.db.query(DROP_SCHEMA);
  const ORCA_IMAGE_FOLDER = await makeTemporaryFolder(t);
  const env = { POSTGRES_URL: database.url, API_PORT: '0', ENVIRONMENT: 'production', ORCA_IMAGE_FOLDER };
  for (const command of DAEMONS) {
    const { status, output } = await run(command, env);
    assert.equal(status, 1, `${command}: ${output}`);
    assert.match(output, /0001_queue, .* is missing; run \\?"npm run migrate\\?" in orchestrator\//, command);
  }
  const both = await Promise.all([run('migrate', env), run('migrate', env)]);
  assert.deepEqual(
    both.map(({ status }) => status),
    [0, 0],
  );
  assert.deepEqual(both.map(({ output }) => /^Applied 0001_queue/.test(output)).sort(), [false, true]);
});

test('image-builder and start name a folder that cannot be written to, together with the other problems, and start nothing', async (t) => {
  const folder = await makeTemporaryFolder(t);
  const file = join(folder, 'a file');
  await writeFile(file, '');
  for (const command of ['image-builder', 'start']) {
    const env = { ORCA_IMAGE_FOLDER: join(file, 'images'), ORCA_BUILD_CPUS: 'many' };
    const { status, output } = await run(command, env);
    assert.equal(status, 1);
    const lines = output.trim().split('\n');
    assert.equal(lines.length, 3, output);
    for (const name of ['POSTGRES_URL', 'ORCA_BUILD_CPUS', 'ORCA_IMAGE_FOLDER'])
      assert.ok(
        lines.some((line) => line.startsWith('Cannot ') && line.includes(name)),
        `${name} in ${output}`,
      );
  }
  assert.deepEqual(await readdir(folder), ['a file']);
});

test('main.ts takes its settings from .env in the working folder, and a variable goes before it', async (t) => {
  await using database = await cloneDatabase();
  const folder = await makeTemporaryFolder(t);
  await writeFile(
    join(folder, '.env'),
    `POSTGRES_URL="${database.url}?schema=public"\nENVIRONMENT=production\n`,
  );
  const migrated = await run('migrate', {}, folder);
  assert.deepEqual([migrated.status, migrated.output], [0, 'The schema is up to date\n']);
  const other = await run('migrate', { POSTGRES_URL: 'postgresql://orca@127.0.0.1:1/orca' }, folder);
  assert.equal(other.status, 1);
  assert.match(other.output, /does not answer/);
});
