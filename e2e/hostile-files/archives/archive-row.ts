import { gzipSync } from 'node:zlib';
import { writeZip, type ZipEntry } from '@orca/harness/testing/write-zip.ts';
import type { RequestedLimits } from '@orca/protocol';
import { writeSevenZip } from './write-seven-zip.ts';
import { writeTar } from './write-tar.ts';

/** A hostile file that a course site serves, and what must become of a job with it. */
export interface ArchiveRow {
  /** That of the design's table of hostile input. */
  readonly id: string;
  readonly what: string;
  readonly mimeType: string;
  /** Only made when it is asked for. */
  readonly bytes: () => Buffer | Promise<Buffer>;
  /** What the URL ends in, where that is the attack. */
  readonly urlEnd?: string;
  readonly replacePaths?: boolean;
  /** Where the usual ones of these tests, which are small, do not fit. */
  readonly limits?: RequestedLimits;
  readonly expected: Expectation;
}

/** What must happen. */
export type Expectation =
  /** The job ends without a command, with this sentence about the file. */
  | { readonly kind: 'refused'; readonly says: RegExp }
  /** It ends without a command for want of memory or disk, with this sentence. */
  | { readonly kind: 'limited'; readonly says: RegExp }
  /** It is graded, and a command inside sees this. */
  | { readonly kind: 'contained'; readonly look: string; readonly sees: string | RegExp };

/** The mime types that are unpacked, by a short name. */
export const MIME = {
  zip: 'application/zip',
  tar: 'application/x-tar',
  'tar.gz': 'application/x-gtar',
  gz: 'application/gzip',
  '7z': 'application/x-7z-compressed',
  plain: 'application/octet-stream',
} as const;

export type Format = keyof typeof MIME;

/** The formats of archives with paths inside. */
export const ARCHIVES = ['zip', 'tar', 'tar.gz', '7z'] as const;

/** An entry that every one of these formats has. */
export interface Entry {
  readonly name: string;
  readonly content?: string | Buffer;
  /** With its type. */
  readonly mode?: number;
}

const TAR_TYPES: Readonly<Record<number, string>> = {
  [0o120000]: '2',
  [0o020000]: '3',
  [0o060000]: '4',
  [0o040000]: '5',
  [0o010000]: '6',
};

/** Writes the same entries in any format. A symlink's content is where it leads. */
export function writeArchive(format: (typeof ARCHIVES)[number], entries: readonly Entry[]): Buffer {
  switch (format) {
    case 'zip':
      return writeZip(entries.map((entry): ZipEntry => ({ ...entry, method: 0 })));
    case 'tar':
      return writeTar(entries.map(tarEntry));
    case 'tar.gz':
      return gzipSync(writeTar(entries.map(tarEntry)));
    case '7z':
      return writeSevenZip(entries);
    default:
      return format satisfies never;
  }
}

function tarEntry({ name, content = '', mode = 0o100644 }: Entry): Parameters<typeof writeTar>[0][number] {
  const type = TAR_TYPES[mode & 0o170000] ?? '0';
  const permissions = mode & 0o7777;
  return type === '2'
    ? { name, type, linkName: String(content), mode: permissions }
    : { name, type, content, mode: permissions };
}

/** A row that must be refused. */
export function refused(
  id: string,
  what: string,
  format: Format,
  bytes: ArchiveRow['bytes'],
  says: RegExp,
  more: Partial<ArchiveRow> = {},
): ArchiveRow {
  return { id, what, mimeType: MIME[format], bytes, expected: { kind: 'refused', says }, ...more };
}

/** A row that may be unpacked, because nothing comes of it. */
export function contained(
  id: string,
  what: string,
  format: Format,
  bytes: ArchiveRow['bytes'],
  { look, sees, ...more }: { look: string; sees: string | RegExp } & Partial<ArchiveRow>,
): ArchiveRow {
  return { id, what, mimeType: MIME[format], bytes, expected: { kind: 'contained', look, sees }, ...more };
}
