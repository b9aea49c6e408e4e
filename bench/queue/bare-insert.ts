import { makePlainTable, plainInsert } from '@orca/database/testing';
import { connectClients } from './connect-clients.ts';
import { type Enqueuer, onConnections } from './contender.ts';
import { sampleJob } from './sample-job.ts';

/** The name under which its figures stand. */
export const BARE_INSERT = 'a bare insert';

/** The least that storing a job can cost: its JSON into a table with nothing but a key. */
export async function openBareInsert(url: string): Promise<AsyncDisposable & Enqueuer> {
  await makePlainTable(url);
  const clients = await connectClients(url);
  return {
    name: BARE_INSERT,
    enqueue: (range) =>
      onConnections(range, async (number, connection) => {
        await clients.of(connection).query(plainInsert(JSON.stringify(sampleJob(number).config)));
      }),
    [Symbol.asyncDispose]: () => clients[Symbol.asyncDispose](),
  };
}
