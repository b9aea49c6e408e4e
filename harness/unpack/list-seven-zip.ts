import { ArchiveError } from './archive-error.ts';

/** An entry of a 7z archive, as `7z l -slt` tells it. */
export interface SevenZipEntry {
  readonly path: string;
  readonly bytes: number;
  readonly kind: 'folder' | 'file' | 'link' | 'other';
  readonly isEncrypted: boolean;
}

const KIND_OF_MODE: Readonly<Record<string, SevenZipEntry['kind']>> = { d: 'folder', '-': 'file', l: 'link' };

/** Takes in what `7z l -slt -ba` prints. */
export interface ListingReader {
  /** @throws {ArchiveError} for a block that is not understood, a name with a line break being one; what `onEntry` throws */
  take(text: string): void;
  /** The text has ended. */
  end(): void;
}

/** Longer than all that is told of an entry with the longest path. */
const BLOCK_CHARACTERS_MAX = 64 * 1024;

/**
 * Reads a listing as it comes: blocks of lines `Name = value`, an empty line after each. An archive may hold more entries than
 * there is memory for their list.
 */
export function readListing(onEntry: (entry: SevenZipEntry) => void): ListingReader {
  let rest = '';
  const tell = (block: string): void => {
    if (block.trim() !== '') onEntry(parseBlock(block));
  };
  return {
    take(text) {
      const blocks = (rest + text).split(/\r?\n\r?\n/);
      rest = blocks.pop() ?? '';
      if (rest.length > BLOCK_CHARACTERS_MAX)
        throw new ArchiveError('corrupt archive: a name in it cannot be read');
      for (const block of blocks) tell(block);
    },
    end: () => tell(rest),
  };
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
