/**
 * Splits an image's reference into what the Engine API calls repository and tag.
 *
 * @param reference such as `orca-grader-base`, `ubuntu:22.04`, `127.0.0.1:5000/x:1`, `ubuntu@sha256:…`
 * @returns the tag is `latest` when none is named, and the digest where there is one
 */
export function splitReference(reference: string): { repository: string; tag: string } {
  const at = reference.indexOf('@');
  if (at !== -1) return { repository: reference.slice(0, at), tag: reference.slice(at + 1) };
  const colon = reference.lastIndexOf(':');
  // A colon before a slash belongs to a registry's port.
  if (colon === -1 || reference.indexOf('/', colon) !== -1) return { repository: reference, tag: 'latest' };
  return { repository: reference.slice(0, colon), tag: reference.slice(colon + 1) };
}

/** The path of an image in the API. References keep their slashes: the API routes on the rest of the path. */
export function imagePath(reference: string): string {
  return `/images/${reference.split('/').map(encodeURIComponent).join('/')}`;
}
