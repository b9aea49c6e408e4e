/** Where an engine listens. */
export type EngineAddress =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

/** Where Docker listens unless it is told otherwise. */
export const DEFAULT_DOCKER_HOST = 'unix:///var/run/docker.sock';

const DOCKER_TCP_PORT = 2375;

/**
 * Reads an address as `DOCKER_HOST` has it.
 *
 * @param dockerHost `unix:///path` or `tcp://host[:port]` (plain HTTP: port 2375 when none is named)
 * @returns the address, or `null` when it is neither
 */
export function parseDockerHost(dockerHost: string): EngineAddress | null {
  if (dockerHost.startsWith('unix://')) {
    const path = dockerHost.slice('unix://'.length);
    return path.startsWith('/') ? { kind: 'unix', path } : null;
  }
  const url = URL.parse(dockerHost);
  if (url === null || url.protocol !== 'tcp:' || url.hostname === '') return null;
  // URL keeps the brackets of an IPv6 address, and node:net wants it without.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return { kind: 'tcp', host, port: url.port === '' ? DOCKER_TCP_PORT : Number(url.port) };
}

/** The address as a person reads it in a log or an error. */
export function showAddress(address: EngineAddress): string {
  return address.kind === 'unix' ? `unix://${address.path}` : `tcp://${address.host}:${address.port}`;
}
