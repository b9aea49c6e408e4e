import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { type ArchiveFile, writeZip } from './write-zip.ts';

const PERMISSIONS = 0o777;

const PACKERS = [
  ['.zip', async (files) => writeZip(files)],
  ['.tar', writeTar],
  ['.tar.gz', async (files) => gzipSync(await writeTar(files))],
  ['.tgz', async (files) => gzipSync(await writeTar(files))],
] as const satisfies readonly (readonly [string, (files: readonly ArchiveFile[]) => Promise<Buffer>])[];

/**
 * What a client serves under a path: the file itself; or, where the path is that of a folder and the suffix of an
 * archive (`tests.tar.gz`), the folder's content packed so.
 *
 * @param folder the files lie in it
 * @param path with slashes, below the folder
 * @returns `null` when there is neither, or the path leads elsewhere
 */
export async function packPath(folder: string, path: string): Promise<Buffer | null> {
  if (path.split('/').some((part) => part === '..' || part === '' || part.includes('\0'))) return null;
  const target = join(folder, path);
  if (await isKind(target, 'isFile')) return readFile(target);
  for (const [suffix, packer] of PACKERS) {
    const source = target.slice(0, -suffix.length);
    if (target.endsWith(suffix) && (await isKind(source, 'isDirectory')))
      return packer(await readFiles(source));
  }
  return null;
}

async function isKind(path: string, kind: 'isFile' | 'isDirectory'): Promise<boolean> {
  return stat(path).then(
    (stats) => stats[kind](),
    () => false,
  );
}

/** The regular files of a folder, in an order that does not depend on the file system. */
async function readFiles(folder: string): Promise<ArchiveFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    paths.sort().map(async (path) => ({
      name: relative(folder, path).split(sep).join('/'),
      bytes: await readFile(path),
      mode: (await stat(path)).mode & PERMISSIONS,
    })),
  );
}

async function writeTar(files: readonly ArchiveFile[]): Promise<Buffer> {
  const archive = pack();
  for (const { name, bytes, mode } of files) archive.entry({ name, mode, mtime: new Date(0) }, bytes);
  archive.finalize();
  return buffer(archive);
}
