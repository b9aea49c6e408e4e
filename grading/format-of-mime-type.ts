import type { SandboxFile } from './sandbox/sandbox.ts';

/** The mime types that are unpacked; anything else is copied. */
const FORMATS: Readonly<Record<string, SandboxFile['format']>> = {
  'application/zip': 'zip',
  'application/x-tar': 'tar',
  'application/x-gtar': 'tar.gz',
  'application/gzip': 'gz',
  'application/x-7z-compressed': '7z',
};

/**
 * How a file is unpacked, by its mime type alone: a jar that comes as `application/zip` is extracted.
 *
 * @param mimeType as it stands in the job; case and parameters do not count
 */
export function formatOfMimeType(mimeType: string): SandboxFile['format'] {
  const essence = (mimeType.split(';')[0] ?? '').trim().toLowerCase();
  return Object.hasOwn(FORMATS, essence) ? (FORMATS[essence] ?? 'copy') : 'copy';
}
