import pg from 'pg';
import { CONNECTIONS } from './contender.ts';

/** One connection for each of {@link CONNECTIONS}. */
export type Clients = AsyncDisposable & { of(connection: number): pg.Client };

/** Connects with node-postgres and none of its options. */
export async function connectClients(url: string): Promise<Clients> {
  const clients = await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const client = new pg.Client({ connectionString: url, application_name: 'orca bench by hand' });
      client.on('error', () => undefined); // what it breaks says so itself
      await client.connect();
      return client;
    }),
  );
  return {
    of(connection) {
      const client = clients[connection];
      if (client === undefined) throw new RangeError(`Cannot use connection ${connection}: there is none`);
      return client;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client.end()));
    },
  };
}
