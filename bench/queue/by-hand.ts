import { handQueries } from '@orca/database/testing';
import type pg from 'pg';
import { connectClients } from './connect-clients.ts';
import { type Drainer, drainInTurn, emptyLine, type Enqueuer, onConnections } from './contender.ts';
import { makeGradingId } from './grading-id.ts';
import { sampleJob, sampleResult } from './sample-job.ts';

/** The name under which its figures stand. */
export const BY_HAND = 'the same statements by hand';

const NEXT = { workerId: 'bench', leaseSeconds: 30 };

type Claimed = { jobId: number; leaseToken: string };

/** What Orca sends, with nothing around it: node-postgres, statements prepared, one connection each. */
export async function createByHand(url: string): Promise<AsyncDisposable & Enqueuer & Drainer> {
  const clients = await connectClients(url);
  const body = sampleResult();
  const claimQuery = handQueries.takeTurn({ ended: null, next: NEXT });
  const runOf = (job: Claimed) => ({ ...job, outcome: 'graded' as const, gradingId: makeGradingId(), body });
  const claim = async (connection: number): Promise<Claimed> =>
    readClaim((await clients.of(connection).query(claimQuery)).rows) ?? (await claim(connection));
  return {
    name: BY_HAND,
    enqueue: (range) =>
      onConnections(range, async (number, connection) => {
        await clients.of(connection).query(handQueries.enqueue(sampleJob(number)));
      }),
    drain: (count) =>
      drainInTurn<Claimed>(count, {
        claim,
        async finishAndClaim(job, connection) {
          const query = handQueries.takeTurn({ ended: runOf(job), next: NEXT });
          return readClaim((await clients.of(connection).query(query)).rows) ?? (await claim(connection));
        },
        async finish(job, connection) {
          await clients.of(connection).query(handQueries.takeTurn({ ended: runOf(job), next: null }));
        },
      }),
    [Symbol.asyncDispose]: () => clients[Symbol.asyncDispose](),
  };
}

/** @returns `null` when another connection was a moment faster: Orca looks again, too */
function readClaim(rows: readonly pg.QueryResultRow[]): Claimed | null {
  const [row] = rows;
  if (row?.kind === 'claimed') return { jobId: row.jobId, leaseToken: row.leaseToken };
  if (row?.kind === 'missed') return null;
  throw emptyLine(BY_HAND);
}
