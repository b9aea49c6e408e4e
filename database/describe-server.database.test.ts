import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectDatabase, countImagesOn, describeServer } from './index.ts';
import { cloneDatabase, makeReadyImage, SAVED_IMAGE } from './testing/index.ts';

test('describeServer() tells the version, encoding and clock of the server, and what its role may do', async () => {
  await using database = await cloneDatabase();
  const facts = await describeServer(database.db);
  assert.match(facts.version, /^\d+/);
  assert.equal(facts.encoding, 'UTF8');
  assert.equal(facts.isEncrypted, false);
  assert.ok(Math.abs(facts.now.getTime() - Date.now()) < 60_000);
  assert.deepEqual(
    [facts.hasSchema, facts.mayCreate, facts.mayUse, facts.closedTables],
    [true, true, true, 0],
  );
  assert.ok(facts.connectionsMax > facts.connectionsOfOthers);
});

test('describeServer() needs no schema', async () => {
  await using database = await cloneDatabase();
  const url = new URL(database.url);
  url.pathname = '/postgres';
  await using db = await connectDatabase({ url: url.href, applicationName: 'test' });
  const facts = await describeServer(db);
  assert.deepEqual([facts.hasSchema, facts.mayUse, facts.closedTables], [false, false, 0]);
});

test('countImagesOn() counts the images whose lowest layers are those', async () => {
  await using database = await cloneDatabase();
  assert.deepEqual(await countImagesOn(database.db, ['sha256:x']), { ready: 0, onBase: 0 });
  await makeReadyImage(database.db, 'FROM orca-grader-base\nRUN true\n');
  const [lowest = ''] = SAVED_IMAGE.layers;
  assert.deepEqual(await countImagesOn(database.db, [lowest]), { ready: 1, onBase: 1 });
  assert.deepEqual(await countImagesOn(database.db, ['sha256:other']), { ready: 1, onBase: 0 });
});
