import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enqueueJob } from '@orca/database';
import { makeJob } from '@orca/database/testing';
import { runImages, startOrca } from '../images/testing/start-orca.ts';

async function runQueue(url: string, args: readonly string[]) {
  const command = runImages([...args], { ORCA_SERVER: url }, 'queue');
  const status = await command.status;
  return { status, output: command.output() };
}

test('orca queue says that no job waits', async () => {
  await using orca = await startOrca();
  assert.deepEqual(await runQueue(orca.url, []), { status: 0, output: 'No job waits\n' });
});

test('orca queue lists what waits, filters it, moves and cancels, and says what is not there', async () => {
  await using orca = await startOrca();
  const queue = (...args: string[]) => runQueue(orca.url, args);
  await enqueueJob(orca.db, makeJob({ key: 'secret 1', user: 'ada', content: 'hw1\u001b[31m' }));
  await enqueueJob(orca.db, makeJob({ key: 'secret 2', user: 'bob', delaySeconds: 3_600 }));
  const list = await queue();
  assert.match(list.output, /^no\. +job +submitter +came +release +metadata\n/);
  assert.match(
    list.output,
    /\n +1 +1 +user ada +.* now +content=hw1\n +2 +2 +user bob .* in (?:59|60) min .*content=first\n/,
  );
  assert.match(list.output, /2 wait since .*; 1 are released since /);
  assert.doesNotMatch(list.output, /secret|\u001b/);

  const json = await queue('--json', '--where', 'content=first');
  assert.deepEqual(
    JSON.parse(json.output).grading_jobs.map(({ id }: { id: number }) => id),
    [2],
  );
  assert.deepEqual(await queue('release', '2'), { status: 0, output: 'Job 2 is first in line\n' });
  assert.match((await queue('--limit', '1')).output, /\n +1 +2 +user bob .*\n… and 1 more: --offset 1\n/);
  assert.equal((await queue('delay', '2')).output, 'Job 2 is last in line\n');
  assert.equal((await queue('cancel', '1')).output, 'Job 1 is cancelled, and its client is told\n');
  const gone = await queue('release', '1');
  assert.equal(gone.status, 1);
  assert.match(gone.output, /Cannot release job 1: no job of this number waits/);
});

test('orca queue bulk counts what a filter finds, and does it with --yes only', async () => {
  await using orca = await startOrca();
  const bulk = (...args: string[]) => runQueue(orca.url, ['bulk', ...args]);
  for (const [key, user, content] of [
    ['1', 'ada', 'hw1'],
    ['2', 'ada', 'hw2'],
    ['3', 'bob', 'hw1'],
  ] as const)
    await enqueueJob(orca.db, makeJob({ key, user, content }));
  const nothing = await bulk('cancel');
  assert.equal(nothing.status, 2);
  assert.match(nothing.output, /Cannot cancel jobs: nothing says which/);

  const counted = await bulk('cancel', '--where', 'content=hw1');
  assert.deepEqual(counted, {
    status: 0,
    output: '2 jobs are found: 1, 3\nNothing is changed yet. To cancel them: the same with --yes\n',
  });
  const narrowed = await bulk('cancel', '--where', 'content=hw1', '--submitter', 'user:bob', '--json');
  assert.deepEqual(JSON.parse(narrowed.output).ids, [3]);
  assert.match((await runQueue(orca.url, [])).output, /\n +3 +3 +user bob /, 'nothing was changed');

  const done = await bulk('cancel', '--where', 'content=hw1', '--yes');
  assert.deepEqual(done, { status: 0, output: '2 jobs are cancelled\n' });
  assert.match((await runQueue(orca.url, [])).output, /\n +1 +2 +user ada [^\n]*\n\d wait since/);
  assert.equal(
    (await bulk('release', '--state', 'waiting', '--yes')).output,
    '1 job is moved to the front\n',
  );
  const again = await bulk('regrade', '--where', 'content=hw1', '--yes', '--json');
  assert.deepEqual(JSON.parse(again.output), { changed: 2, skipped: 0 });
  assert.match((await runQueue(orca.url, [])).output, /\n +3 +3 +user bob /);
  assert.equal((await bulk('regrade', '--state', 'finished')).output, 'No job to regrade is found\n');
});
