import { ArchiveError } from './archive-error.ts';

/** An entry of a 7z archive, as `7z l -slt` tells it. */
export interface SevenZipEntry {
  readonly path: string;
  readonly bytes: number;
  readonly kind: 'folder' | 'file' | 'link' | 'other';
  readonly isEncrypted: boolean;
}

const KIND_OF_MODE: Readonly<Record<string, SevenZipEntry['kind']>> = { d: 'folder', '-': 'file', l: 'link' };

/**
 * Reads what `7z l -slt -ba` prints: blocks of lines `Name = value`, an empty line after each.
 *
 * @throws {ArchiveError} for a block that is not understood; a name with a line break is one
 */
export function parseListing(listing: string): SevenZipEntry[] {
  return listing
    .split(/\r?\n\r?\n/)
    .filter((block) => block.trim() !== '')
    .map(parseBlock);
}

function parseBlock(block: string): SevenZipEntry {
  const fields = new Map<string, string>();
  for (const line of block.replace(/^[\r\n]+/, '').split(/\r?\n/)) {
    const [, name, value] = /^([A-Za-z ]+) =(?: (.*))?$/.exec(line) ?? [];
    if (name === undefined || fields.has(name))
      throw new ArchiveError('corrupt archive: a name in it cannot be read');
    fields.set(name, value ?? '');
  }
  const path = fields.get('Path');
  if (path === undefined) throw new ArchiveError('corrupt archive: an entry without a name');
  return {
    path,
    bytes: Number(fields.get('Size') ?? 0) || 0,
    kind: kindOf(fields.get('Attributes') ?? ''),
    isEncrypted: fields.get('Encrypted') === '+',
  };
}

/** `D drwxr-xr-x`, `A -rw-r--r--`; of an archive made on Windows the first part alone. */
function kindOf(attributes: string): SevenZipEntry['kind'] {
  const mode = /(?:^|\s)(\S)[-rwxsStT]{9}$/.exec(attributes)?.[1];
  if (mode !== undefined) return KIND_OF_MODE[mode] ?? 'other';
  return attributes.startsWith('D') ? 'folder' : 'file';
}
