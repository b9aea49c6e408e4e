const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;

/**
 * Reads `ORCA_WEB_SERVER_HOST`: with or without scheme (http then) and slashes at its end, also below a path.
 *
 * @returns a URL that ends in a slash, or `null` where it is no http(s) address, or has a user and password, which errors
 *   would tell
 */
export function parseServerAddress(text: string): URL | null {
  const url = URL.parse(SCHEME.test(text) ? text : `http://${text}`);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return null;
  if (url.username !== '' || url.password !== '') return null;
  if (url.hostname === '' || url.search !== '' || url.hash !== '') return null;
  url.pathname = `${url.pathname.replace(/(?<!\/)\/+$/, '')}/`;
  return url;
}
