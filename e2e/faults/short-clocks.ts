/** Settings under which what a dead process had is taken over within seconds. */
export const SHORT_CLOCKS = {
  ORCA_LEASE_SECONDS: '3',
  ORCA_HEARTBEAT_SECONDS: '1',
  ORCA_SWEEP_SECONDS: '1',
  ORCA_POLL_SECONDS: '1',
  ORCA_BUILD_LEASE_SECONDS: '3',
  ORCA_BUILD_NETWORK: 'none',
} as const;

/** Ten times what a take-over should take, and PostgreSQL's first 30 s, in which nothing is taken over. */
export const TAKE_OVER_MS = 120_000;
