import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '@orca/daemon';
import { type Database, enqueueJob } from '@orca/database';
import { cloneDatabase, makeJob, makeReadyImage } from '@orca/database/testing';
import type { Grading } from '@orca/grading';
import { createPrefetch } from './prefetch-images.ts';

const NEVER = new AbortController().signal;
const LOG = createLogger({ name: 'test', level: 'silent', pretty: false });

type Prefetched = Awaited<ReturnType<Grading['prefetchImage']>>;

/** Queues a job for each of so many images; returns the images in the order of the line. */
async function queueJobs(db: Database, count: number): Promise<string[]> {
  const images: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const imageSha = await makeReadyImage(db, `FROM orca-grader-base\n#${index}`);
    await enqueueJob(db, makeJob({ key: `job ${index}`, user: `user ${index}`, imageSha }));
    images.push(imageSha);
  }
  return images;
}

/** Grading that only fetches images ahead, and notes what it was asked for and how many at once. */
function watchPrefetches(answer: (sha: string) => Prefetched | Promise<Prefetched>) {
  const asked: string[] = [];
  let atOnce = 0;
  const seen = { asked, atOnceMax: 0 };
  const grading = {
    async prefetchImage(sha: string) {
      asked.push(sha);
      atOnce += 1;
      seen.atOnceMax = Math.max(seen.atOnceMax, atOnce);
      await new Promise(setImmediate);
      try {
        return await answer(sha);
      } finally {
        atOnce -= 1;
      }
    },
  };
  return { grading, seen };
}

const present = (): Prefetched => ({ kind: 'present', imageId: 'sha256:1' });

test('createPrefetch() fetches the images of the first waiting jobs, in their order, one at a time, and a few', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const images = await queueJobs(db, 7);
  const { grading, seen } = watchPrefetches(present);
  await createPrefetch({ db, grading, fitness: { troubles: [] }, log: LOG }, NEVER)();
  assert.deepEqual(seen, { asked: images.slice(0, 5), atOnceMax: 1 });
});

test('createPrefetch() leaves alone for a while what could not be fetched, and fetches the others', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const [one, two, three] = await queueJobs(db, 3);
  const { grading, seen } = watchPrefetches((sha) => {
    if (sha === one) return { kind: 'missing', sentence: 'it is broken' };
    if (sha === two) throw new Error('the engine does not answer');
    return present();
  });
  const turn = createPrefetch({ db, grading, fitness: { troubles: [] }, log: LOG }, NEVER);
  await turn();
  await turn();
  assert.deepEqual(seen.asked, [one, two, three, three]);
});

test('createPrefetch() ends its turn when it gave way to a job, and rests while something fails', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const [one] = await queueJobs(db, 2);
  const { grading, seen } = watchPrefetches(() => ({ kind: 'gave_way' }));
  const troubles: string[] = [];
  const turn = createPrefetch({ db, grading, fitness: { troubles }, log: LOG }, NEVER);
  await turn();
  assert.deepEqual(seen.asked, [one]);
  troubles.push('the disk is full');
  await turn();
  assert.deepEqual(seen.asked, [one]);
});
