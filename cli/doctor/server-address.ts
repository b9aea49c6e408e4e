import type { Role } from './check.ts';
import type { MachineSettings } from './read-settings.ts';

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
const DEFAULT_PORT = 4000;

/**
 * Where the API server is: what workers are told, else the port that the server of this machine listens on.
 *
 * @returns a URL that ends in a slash, or `null` where `ORCA_WEB_SERVER_HOST` is none
 */
export function serverAddress(role: Role, settings: MachineSettings): URL | null {
  const port = settings.number('API_PORT') ?? DEFAULT_PORT;
  if (role === 'orchestrator') return new URL(`http://127.0.0.1:${port}/`);
  const text = settings.text('ORCA_WEB_SERVER_HOST');
  const url = URL.parse(SCHEME.test(text) ? text : `http://${text}`);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username + url.password !== '') return null;
  url.pathname = `${url.pathname.replace(/(?<!\/)\/+$/, '')}/`;
  return url;
}
