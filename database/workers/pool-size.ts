/** For the claim loop, and for heartbeat, sweeps and what else comes by. */
const OWN_CONNECTIONS = 2;
/** A job's statements take milliseconds, and the job seconds: so many share a connection. */
const JOBS_A_CONNECTION = 4;

/** How many connections a worker's pool needs at most: it has two more, one that listens and one for its leases. */
export function workerPoolSize(slots: number): number {
  return OWN_CONNECTIONS + Math.ceil(slots / JOBS_A_CONNECTION);
}

/** How many connections a worker holds at most. */
export function workerConnections(slots: number): number {
  return workerPoolSize(slots) + 2;
}
