import { isIP } from 'node:net';

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;

/** The name or address in a text such as `host:port`, `https://host/path`, `[::1]`; '' where there is none. */
export function hostOf(text: string): string {
  const url = URL.parse(SCHEME.test(text) ? text : `http://${text}`);
  return url?.hostname.replace(/^\[(.*)\]$/, '$1') ?? '';
}

/**
 * Whether an address leads to this machine itself: then nobody reads what is on its way.
 *
 * @param text `host:port` with or without scheme, as settings have it; without a host it is a socket of this machine
 */
export function isThisMachine(text: string): boolean {
  const host = hostOf(text);
  if (host === '' || host === 'localhost' || host.endsWith('.localhost') || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}
