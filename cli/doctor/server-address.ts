import { isIPv6 } from 'node:net';
import type { Role } from './check.ts';
import type { MachineSettings } from './read-settings.ts';

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
const DEFAULT_PORT = 4000;

/** Listening there is listening everywhere, as URLs write it. */
const ANYWHERE: ReadonlySet<string> = new Set(['0.0.0.0', '[::]']);

/**
 * Where the API server is: what workers are told; for an orchestrator, where the server of this machine listens.
 *
 * @returns a URL that ends in a slash, or `null` where `ORCA_WEB_SERVER_HOST` is none
 */
export function serverAddress(role: Role, settings: MachineSettings): URL | null {
  if (role === 'orchestrator') return ownAddress(settings);
  const text = settings.text('ORCA_WEB_SERVER_HOST');
  const url = URL.parse(SCHEME.test(text) ? text : `http://${text}`);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username + url.password !== '') return null;
  url.pathname = `${url.pathname.replace(/(?<!\/)\/+$/, '')}/`;
  return url;
}

/** An address that names no single place is asked for over loopback, which it includes. */
function ownAddress(settings: MachineSettings): URL {
  const port = settings.number('API_PORT') ?? DEFAULT_PORT;
  const listens = settings.text('ORCA_LISTEN_ADDRESS');
  const named = URL.parse(`http://${isIPv6(listens) ? `[${listens}]` : listens}:${port}/`);
  return named === null || ANYWHERE.has(named.hostname) ? new URL(`http://127.0.0.1:${port}/`) : named;
}
