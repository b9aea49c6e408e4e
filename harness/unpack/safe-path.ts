import { ArchiveError, showName } from './archive-error.ts';

/** What a file system takes, and what people can still find their way in. */
export const NAME_BYTES_MAX = 255;
export const PATH_BYTES_MAX = 4_096;
export const DEPTH_MAX = 32;

/**
 * Checks the path of an entry. Both kinds of slashes count as separators for what is unsafe, because the next program
 * to read the archive may think so; a backslash in an otherwise safe name stays what it is.
 *
 * @param path as it stands in the archive
 * @returns its components, without `.`; none for the archive's own root
 * @throws {ArchiveError} for a path that is absolute, leads out of its folder, is too long or too deep, or was not UTF-8
 */
export function checkPath(path: string): string[] {
  const isAbsolute = /^[/\\]|^[A-Za-z]:[/\\]/.test(path);
  if (isAbsolute || path.includes('\0') || leadsUpwards(path)) {
    throw new ArchiveError(`unsafe path ${showName(path)} in archive`);
  }
  checkText(path);
  const components = path.split('/').filter((component) => component !== '' && component !== '.');
  const bytes = Buffer.byteLength(path);
  if (bytes > PATH_BYTES_MAX) {
    throw new ArchiveError(`path ${showName(path)} in archive is longer than ${PATH_BYTES_MAX} bytes`);
  }
  if (bytes > NAME_BYTES_MAX && components.some((name) => Buffer.byteLength(name) > NAME_BYTES_MAX)) {
    throw new ArchiveError(
      `name in path ${showName(path)} in archive is longer than ${NAME_BYTES_MAX} bytes`,
    );
  }
  if (components.length > DEPTH_MAX) {
    throw new ArchiveError(`path ${showName(path)} in archive is deeper than ${DEPTH_MAX} folders`);
  }
  return components;
}

/** What bytes become that are no text: two names that differ in them alone would be one, and one file lost. */
const REPLACEMENT = '\ufffd';

function checkText(name: string): void {
  if (name.includes(REPLACEMENT)) throw new ArchiveError(`name ${showName(name)} in archive is not UTF-8`);
}

function leadsUpwards(path: string): boolean {
  return path.includes('..') && path.split(/[/\\]/).includes('..');
}

/**
 * Checks where a symbolic link leads. `..` may only stand at the beginning: then it is counted from the folder that the
 * link really lies in, and no chain of links that each stay inside can lead out.
 *
 * @param components where the link lies
 * @param target what it holds
 * @throws {ArchiveError} for a target outside of the archive's root, and for one that was not UTF-8
 */
export function checkLinkTarget(components: readonly string[], target: string): void {
  checkText(target);
  const parts = target.split('/');
  const upwards = parts.findIndex((part) => part !== '..' && part !== '.');
  const leading = upwards === -1 ? parts : parts.slice(0, upwards);
  const rises = leading.filter((part) => part === '..').length;
  const depth = components.length - 1;
  const isUnsafe =
    target === '' ||
    target.startsWith('/') ||
    target.includes('\0') ||
    rises > depth ||
    parts.slice(leading.length).includes('..');
  if (!isUnsafe) return;
  throw new ArchiveError(`unsafe link ${showName(components.join('/'))} to ${showName(target)} in archive`);
}
