import { gzipSync } from 'node:zlib';

/** An entry of a tar archive, as wrong as a test wants it. */
export interface TarEntry {
  readonly name: string;
  readonly content?: string | Buffer;
  /** One character: `0` file, `1` link, `2` symlink, `3` and `4` devices, `5` folder, `6` pipe, `S` sparse, `x` PAX. */
  readonly type?: string;
  readonly linkName?: string;
  readonly mode?: number;
  /** What the header says of its size: a number, or the field's own twelve bytes. */
  readonly size?: number | Buffer;
  readonly uid?: number;
}

const BLOCK_BYTES = 512;
const OCTAL_DIGITS = 7;
const SIZE_DIGITS = 11;

/** Writes a tar archive block by block: no library makes the archives that attackers make. */
export function writeTar(entries: readonly TarEntry[]): Buffer {
  const end = Buffer.alloc(2 * BLOCK_BYTES);
  return Buffer.concat([...entries.flatMap((entry) => [headerOf(entry), padded(contentOf(entry))]), end]);
}

/** The same, compressed. */
export function writeTarGz(entries: readonly TarEntry[]): Buffer {
  return gzipSync(writeTar(entries));
}

/** Records of an extended header, which overrule the next entry's own, each with its length in front. */
export function paxEntry(records: Readonly<Record<string, string>>): TarEntry {
  const content = Object.entries(records).map(([name, value]) => {
    const rest = ` ${name}=${value}\n`;
    // The length counts its own digits.
    let length = Buffer.byteLength(rest);
    while (length !== Buffer.byteLength(`${length}${rest}`)) length = Buffer.byteLength(`${length}${rest}`);
    return `${length}${rest}`;
  });
  return { name: 'PaxHeader', type: 'x', content: content.join('') };
}

function contentOf({ content = '' }: TarEntry): Buffer {
  return Buffer.from(content);
}

function headerOf(entry: TarEntry): Buffer {
  const { name, type = '0', linkName = '', mode = 0o644, uid = 0 } = entry;
  const header = Buffer.alloc(BLOCK_BYTES);
  header.write(name, 0, 100);
  header.write(octal(mode, OCTAL_DIGITS), 100);
  header.write(octal(uid, OCTAL_DIGITS), 108);
  header.write(octal(uid, OCTAL_DIGITS), 116);
  const { size = contentOf(entry).length } = entry;
  if (typeof size === 'number') header.write(octal(size, SIZE_DIGITS), 124);
  else size.copy(header, 124);
  header.write(octal(0, SIZE_DIGITS), 136);
  header.write(type, 156);
  header.write(linkName, 157, 100);
  header.write('ustar\u000000', 257);
  // Its own field counts as spaces.
  header.write(' '.repeat(8), 148);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)}\0 `, 148);
  return header;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

function padded(content: Buffer): Buffer {
  const rest = content.length % BLOCK_BYTES;
  return rest === 0 ? content : Buffer.concat([content, Buffer.alloc(BLOCK_BYTES - rest)]);
}
