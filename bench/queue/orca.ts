import {
  claimWaitingJob,
  connectDatabase,
  type Database,
  enqueueJob,
  finishAndClaimJob,
  type FinishedRun,
  finishJob,
  migrate,
} from '@orca/database';
import { fillLine } from '@orca/database/testing';
import { createByHand } from './by-hand.ts';
import {
  CONNECTIONS,
  type Drainer,
  drainInTurn,
  emptyLine,
  type Enqueuer,
  onConnections,
  type Place,
} from './contender.ts';
import { makeGradingId } from './grading-id.ts';
import { PLACEHOLDER, sampleJob, sampleResult } from './sample-job.ts';

/** The names under which the figures stand. */
export const ORCA = 'Orca';

const CLAIM = { workerId: 'bench', leaseSeconds: 30 };

/** Orca's tables, and a connection to them. */
export type OrcaPlace = Place & { db: Database; url: string };

/** Makes Orca's tables, for Orca's own functions as the server and the workers call them, and for the same by hand. */
export async function openOrca(url: string): Promise<OrcaPlace> {
  await using opened = new AsyncDisposableStack();
  await migrate(url);
  const db = opened.use(await connectDatabase({ url, applicationName: 'orca bench', poolSize: CONNECTIONS }));
  const byHand = opened.use(await createByHand(url));
  const enqueue = async (number: number): Promise<void> => {
    await enqueueJob(db, sampleJob(number));
  };
  const orca: Enqueuer & Drainer = {
    name: ORCA,
    enqueue: (range) => onConnections(range, enqueue),
    drain: drainBy(db),
  };
  const kept = opened.move();
  return {
    url,
    db,
    enqueuers: [orca, byHand],
    drainers: [orca, byHand],
    fill: (range) => fillLine(url, range, { job: sampleJob(PLACEHOLDER), placeholder: PLACEHOLDER }),
    timeClaims: (count) => timeClaims(db, count),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

function drainBy(db: Database): Drainer['drain'] {
  const body = sampleResult();
  return (count) =>
    drainInTurn<Claimed>(count, {
      claim: () => claim(db),
      async finishAndClaim(job) {
        const { next } = await finishAndClaimJob(db, runOf(job, body), CLAIM);
        return next ?? (await claim(db));
      },
      finish: async (job) => void (await finishJob(db, runOf(job, body))),
    });
}

async function timeClaims(db: Database, count: number): Promise<number[]> {
  const body = sampleResult();
  const times: number[] = [];
  const jobs = [];
  for (let taken = 0; taken < count; taken += 1) {
    const start = performance.now();
    jobs.push(await claim(db));
    times.push(performance.now() - start);
  }
  for (const job of jobs) await finishJob(db, runOf(job, body));
  return times;
}

type Claimed = { jobId: number; leaseToken: string };

async function claim(db: Database): Promise<Claimed> {
  const job = await claimWaitingJob(db, CLAIM);
  if (job === null) throw emptyLine(ORCA);
  return job;
}

function runOf({ jobId, leaseToken }: Claimed, body: string): FinishedRun {
  return { jobId, leaseToken, outcome: 'graded', gradingId: makeGradingId(), body };
}
