import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** A file of this machine, or why there is none. */
export type LocalFile =
  | { readonly kind: 'file'; readonly path: string; readonly bytes: number }
  | { readonly kind: 'none'; readonly sentence: string };

/** Whether a URL names a file of this machine. */
export function isLocalUrl(url: string): boolean {
  return /^file:/i.test(url);
}

/**
 * Finds what a `file:` URL names.
 *
 * @param url an absolute one
 * @returns a clause where it is no regular file
 */
export async function findLocalFile(url: string): Promise<LocalFile> {
  try {
    const path = fileURLToPath(url);
    const stats = await stat(path);
    if (stats.isFile()) return { kind: 'file', path, bytes: stats.size };
    return { kind: 'none', sentence: `"${path}" is no regular file` };
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isMissing) return { kind: 'none', sentence: `there is no file "${fileURLToPath(url)}"` };
    return { kind: 'none', sentence: error instanceof Error ? error.message : String(error) };
  }
}
