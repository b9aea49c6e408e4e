import { handQueries } from '@orca/database/testing';
import type pg from 'pg';
import { connectClients } from './connect-clients.ts';
import { type Drainer, drainOneByOne, emptyLine, type Enqueuer, onConnections } from './contender.ts';
import { makeGradingId } from './grading-id.ts';
import { sampleJob, sampleResult } from './sample-job.ts';

/** The name under which its figures stand. */
export const BY_HAND = 'the same statements by hand';

const LEASE_SECONDS = 30;

/** What Orca sends, with nothing around it: node-postgres, statements prepared, one connection each. */
export async function createByHand(url: string): Promise<AsyncDisposable & Enqueuer & Drainer> {
  const clients = await connectClients(url);
  const body = sampleResult();
  const takeOne = async (connection: number): Promise<void> => {
    const client = clients.of(connection);
    const { jobId, leaseToken } = await claim(client);
    await client.query(handQueries.finish(jobId, leaseToken, makeGradingId(), body));
  };
  return {
    name: BY_HAND,
    enqueue: (range) =>
      onConnections(range, async (number, connection) => {
        await clients.of(connection).query(handQueries.enqueue(sampleJob(number)));
      }),
    drain: (count) => drainOneByOne(count, takeOne),
    [Symbol.asyncDispose]: () => clients[Symbol.asyncDispose](),
  };
}

/** Looks again, as Orca does, when another connection was a moment faster. */
async function claim(client: pg.Client): Promise<{ jobId: unknown; leaseToken: unknown }> {
  for (;;) {
    const { rows } = await client.query(handQueries.claim('bench', LEASE_SECONDS));
    const [{ kind, jobId, leaseToken }] = rows;
    if (kind === 'claimed') return { jobId, leaseToken };
    if (kind !== 'missed') throw emptyLine(BY_HAND);
  }
}
