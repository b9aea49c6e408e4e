/** How many requests are under way at once, and how many connections carry them. */
export const CONNECTIONS = 8;

/** Jobs by their numbers, each of which is used once in a database. */
export type JobRange = { first: number; count: number };

/** Jobs that are taken before the time is, and while it is. */
export type DrainCount = { warmUp: number; timed: number };

/** Queues jobs one by one, {@link CONNECTIONS} at a time. */
export type Enqueuer = { name: string; enqueue(range: JobRange): Promise<void> };

/** Takes jobs and writes what a run leaves: its result, and two deliveries. */
export type Drainer = {
  name: string;
  /** @returns milliseconds that `timed` jobs took */
  drain(count: DrainCount): Promise<number>;
};

/** A database with the tables of one queue, and who works on them. */
export type Place = AsyncDisposable & {
  enqueuers: readonly Enqueuer[];
  drainers: readonly Drainer[];
  /** Puts jobs in line in the quickest way there is. */
  fill(range: JobRange): Promise<void>;
  /**
   * Claims on one connection with nothing else running; the jobs are finished afterwards. `null`: not of interest here.
   *
   * @returns milliseconds of each
   */
  timeClaims: ((count: number) => Promise<number[]>) | null;
};

/**
 * Does a piece of work for each number, {@link CONNECTIONS} at a time.
 *
 * @param work gets the number and which of the connections does it
 */
export async function onConnections(
  range: JobRange,
  work: (number: number, connection: number) => Promise<void>,
): Promise<void> {
  let next = range.first;
  const end = range.first + range.count;
  const connections = Array.from({ length: CONNECTIONS }, async (_, connection) => {
    while (next < end) {
      const number = next;
      next += 1;
      await work(number, connection);
    }
  });
  await Promise.all(connections);
}

/** Milliseconds that something takes. */
export async function timeOf(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

/** {@link Drainer.drain} for a queue that is asked for one job after another on each connection. */
export async function drainOneByOne(
  { warmUp, timed }: DrainCount,
  takeOne: (connection: number) => Promise<void>,
): Promise<number> {
  const take = (count: number) => onConnections({ first: 0, count }, (_, connection) => takeOne(connection));
  await take(warmUp);
  return await timeOf(() => take(timed));
}

/** What a slot of a worker does, on one of the connections. */
export type Slot<Job> = {
  claim(connection: number): Promise<Job>;
  finishAndClaim(job: Job, connection: number): Promise<Job>;
  finish(job: Job, connection: number): Promise<void>;
};

/** {@link Drainer.drain} for a queue whose slots claim their next job with the end of the one before. */
export async function drainInTurn<Job>(count: DrainCount, slot: Slot<Job>): Promise<number> {
  const connections = Array.from({ length: CONNECTIONS }, (_, connection) => connection);
  const jobs = new Map(
    await Promise.all(
      connections.map(async (each): Promise<[number, Job]> => [each, await slot.claim(each)]),
    ),
  );
  const ms = await drainOneByOne(count, async (connection) => {
    const job = jobs.get(connection);
    if (job !== undefined) jobs.set(connection, await slot.finishAndClaim(job, connection));
  });
  await Promise.all([...jobs].map(([connection, job]) => slot.finish(job, connection)));
  return ms;
}

/** What ends a round that asks for more jobs than wait. */
export function emptyLine(name: string): Error {
  return new Error(`Cannot take a job by "${name}": its line is empty before the round has ended`);
}
