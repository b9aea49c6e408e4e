import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { playClient } from './play-client.ts';
import type { ReceivedPost } from './read-post.ts';

test('playClient() serves the files of its examples, packed as asked, and nothing else', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'orca-client-'));
  t.after(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'tests'));
  await writeFile(join(folder, 'tests', 'a b.txt'), 'hello');
  await using client = await playClient(new Map([['an example', folder]]), {
    onPost: () => assert.fail('nothing was sent'),
    onOutcome: () => assert.fail('nothing was sent'),
  });
  const files = client.filesUrl('an example');

  assert.equal(await (await fetch(`${files}/tests/a%20b.txt`)).text(), 'hello');
  const zip = Buffer.from(await (await fetch(`${files}/tests.zip`)).arrayBuffer());
  assert.equal(zip.subarray(0, 2).toString(), 'PK');
  for (const url of [
    `${files}/none.zip`,
    `${files}/..%2f..%2fetc%2fpasswd`,
    client.filesUrl('other'),
    client.responseUrl,
  ])
    assert.equal((await fetch(url)).status, 404, url);
});

test('playClient() tells of each POST, answers 200, and shows the last result as it came', async () => {
  const posts: ReceivedPost[] = [];
  await using client = await playClient(new Map(), {
    onPost: (post) => posts.push(post),
    onOutcome: () => assert.fail('no build was told of'),
  });
  const post = async (body: string): Promise<number> =>
    (await fetch(client.responseUrl, { method: 'POST', body })).status;
  assert.equal(await post('{"key":"k","status":{"location":"Worker","id":1}}'), 200);
  assert.equal(await post('{ "key": "k", "errors": [] }'), 200);
  assert.equal(await post('{"key":"k","status":{"location":"Queue","id":1}}'), 200);
  assert.deepEqual(
    posts.map(({ kind }) => kind),
    ['status', 'result', 'status'],
  );
  assert.equal(await (await fetch(client.responseUrl)).text(), '{ "key": "k", "errors": [] }\n');
});

test('playClient() tells how the build of an image ended, and whose image it is', async () => {
  const outcomes: unknown[] = [];
  await using client = await playClient(new Map(), {
    onPost: () => assert.fail('that is no post about a job'),
    onOutcome: (example, outcome) => outcomes.push([example, outcome]),
  });
  const body = '{"was_successful":false,"logs":[{"step":"one","error":"no"}]}';
  for (const sent of [body, '{}'])
    assert.equal((await fetch(client.outcomeUrl('an example'), { method: 'POST', body: sent })).status, 200);
  const logs = [{ step: 'one', output: '', error: 'no' }];
  assert.deepEqual(outcomes, [['an example', { wasSuccessful: false, logs }]]);
});
