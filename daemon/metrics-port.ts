import type { Environment } from './load-environment.ts';

const PORT_MAX = 65_535;

/**
 * The environment of one more process on the same machine: two cannot serve their metrics on one port, so it has one that
 * is so many behind. Where it asks for none, for any free one (0) or for none that there is, nothing changes.
 */
export function withLaterMetricsPort(env: Environment, behind: number): Environment {
  const port = Number(env['ORCA_METRICS_PORT']);
  const isOne = Number.isInteger(port) && port > 0 && port + behind <= PORT_MAX;
  return isOne ? { ...env, ORCA_METRICS_PORT: String(port + behind) } : env;
}
