/**
 * The `host:port` that a connection string leads to, for {@link AddressPolicy} `alwaysRefuse`.
 *
 * @param url `postgresql://…`, `tcp://…` or `unix://…`
 * @param defaultPort what an absent port means, e.g. 5432
 * @returns one entry, or none where it leads to a Unix socket, which HTTP cannot reach, or is no URL
 */
export function endpointOf(url: string, defaultPort: number): string[] {
  if (!URL.canParse(url)) return [];
  const parsed = new URL(url);
  const host = parsed.searchParams.get('host') ?? parsed.hostname;
  if (host === '' || host.startsWith('/') || host.startsWith('%2F')) return [];
  const bracketed = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  return [`${bracketed}:${parsed.searchParams.get('port') || parsed.port || defaultPort}`];
}
