import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimJob, type Database, enqueueJob, finishJob } from '@orca/database';
import { cloneDatabase, makeJob } from '@orca/database/testing';
import type { ReceivedPost } from '../kit/fake-client.ts';
import { judge, type Received } from './judge.ts';
import { KEY_START, planJobs } from './plan-jobs.ts';
import type { Entry } from './submit-jobs.ts';

const SENT_AT = 1_000_000;
const KEY = `${KEY_START} 0`;

/** What a client has of a job that was put, begun two seconds later, and graded. */
interface Story {
  readonly entry: Entry;
  readonly posts: ReceivedPost[];
  readonly takenAt: Map<string, number>;
  readonly fetchedAt: Map<string, number>;
}

function postOf(id: string, body: string): ReceivedPost {
  return { path: '/results', headers: { 'webhook-id': id }, body: Buffer.from(body), json: JSON.parse(body) };
}

function bodyOf(output: string): string {
  return JSON.stringify({ key: KEY, shell_responses: [], errors: [], output });
}

/** PUTs a job, grades it, and tells the client. */
async function gradeOne(db: Database): Promise<Story> {
  const [job] = planJobs(1, 1);
  assert.ok(job !== undefined);
  const { jobId } = await put(db, 'first');
  await finishNext(db, 'msg_1', 'the output');
  return {
    entry: {
      ...{ job: { ...job, delaySeconds: 1 }, ids: new Set([jobId]), outputs: ['the output'] },
      ...{ sentAt: SENT_AT, answeredAt: SENT_AT, cancel: 'none' },
    },
    posts: [postOf('msg_1', bodyOf('the output'))],
    takenAt: new Map([['msg_1', SENT_AT + 3_000]]),
    fetchedAt: new Map([[KEY, SENT_AT + 2_000]]),
  };
}

async function put(db: Database, content: string): Promise<{ jobId: number }> {
  const enqueued = await enqueueJob(db, makeJob({ key: KEY, content }));
  assert.ok(enqueued.kind !== 'unknown_image');
  return enqueued;
}

async function finishNext(db: Database, gradingId: string, output: string): Promise<void> {
  const run = await claimJob(db, { workerId: 'w', leaseSeconds: 30 });
  assert.ok(run !== null);
  assert.ok(await finishJob(db, { ...run, outcome: 'graded', gradingId, body: bodyOf(output) }));
}

/** How many of each kind are found. */
async function countsOf(db: Database, { entry, ...client }: Story) {
  const { lost, doubled, wrong, repeated } = await judge([entry], { db, client: client satisfies Received });
  return { lost: lost.length, doubled: doubled.length, wrong: wrong.length, repeated };
}

const NONE = { lost: 0, doubled: 0, wrong: 0, repeated: 0 };

test('judge() finds nothing where the client has what it should have, once or again under the same id', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const story = await gradeOne(db);
  assert.deepEqual(await countsOf(db, story), NONE);
  assert.deepEqual((await judge([story.entry], { db, client: story })).ends, {
    ...{ graded: 1, cancelled: 0, failed: 0 },
  });
  story.posts.push(...story.posts);
  assert.deepEqual(await countsOf(db, story), { ...NONE, repeated: 1 });
});

test('judge() finds what is lost, doubled or wrong', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const story = await gradeOne(db);
  const told = (changes: Partial<Story>) => countsOf(db, { ...story, ...changes });
  const { entry, posts } = story;
  assert.deepEqual(await told({ takenAt: new Map() }), { ...NONE, lost: 1 }, 'never answered 200');
  assert.deepEqual(await told({ entry: { ...entry, ids: new Set([999]) } }), { ...NONE, lost: 1 }, 'no job');
  const stranger = postOf('msg_2', bodyOf('the output'));
  assert.deepEqual(await told({ posts: [...posts, stranger] }), { ...NONE, doubled: 1 }, 'a second result');
  const ids = new Set([...entry.ids, 999]);
  assert.deepEqual(await told({ entry: { ...entry, ids } }), { ...NONE, doubled: 1 }, 'two jobs');
  const changed = postOf('msg_1', `${bodyOf('the output')} `);
  assert.deepEqual(await told({ posts: [changed] }), { ...NONE, wrong: 1 }, 'other bytes');
  assert.deepEqual(
    await told({ entry: { ...entry, outputs: ['x'] } }),
    { ...NONE, wrong: 1 },
    'another output',
  );
  assert.deepEqual(
    await told({ entry: { ...entry, cancel: 'done' } }),
    { ...NONE, wrong: 1 },
    'it was cancelled',
  );
  const early = new Map([[KEY, SENT_AT + 999]]);
  assert.deepEqual(await told({ fetchedAt: early }), { ...NONE, wrong: 1 }, 'begun before its release');
});

test('judge() finds a job that has not ended, and a result that came after a newer one', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const { entry, ...client } = await gradeOne(db);
  await put(db, 'second');
  const story = { ...client, entry: { ...entry, outputs: ['the output', 'the newer'] } };
  assert.deepEqual(await countsOf(db, story), { ...NONE, lost: 1 });
  await finishNext(db, 'msg_2', 'the newer');
  story.takenAt.set('msg_2', SENT_AT);
  const newer = postOf('msg_2', bodyOf('the newer'));
  assert.deepEqual(await countsOf(db, { ...story, posts: [...client.posts, newer] }), NONE);
  assert.deepEqual(await countsOf(db, { ...story, posts: [newer, ...client.posts] }), { ...NONE, wrong: 1 });
});
