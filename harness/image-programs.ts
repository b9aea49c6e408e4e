import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs';

/**
 * Tells whether a command's program is one that nobody can have changed since the image was built, and that the kernel
 * starts by itself.
 *
 * @param program a path, or a name to be looked for
 * @param searchPath as in `PATH`
 * @returns false also where that is not certain
 */
export type IsImageProgram = (program: string, searchPath: string) => boolean;

/** Where the image lies, and where it is said how it is mounted; for tests. */
export interface ImageRoot {
  readonly root: string;
  readonly mounts: string;
}

const CONTAINER_ROOT: ImageRoot = { root: '/', mounts: '/proc/self/mounts' };

const EXECUTABLE_BY_ALL = 0o111;
/** How a script names who runs it, and how a binary begins. */
const BEGINNINGS = ['#!', '\x7fELF'];
const BEGINNING_BYTES = 4;

/**
 * Makes the look at programs. What lies on the root file system of a container, which is mounted read-only, is the image's:
 * a submission can neither write it nor put something else in its place, so that the harness may open it.
 */
export function lookAtImage({ root, mounts }: ImageRoot = CONTAINER_ROOT): IsImageProgram {
  if (!isReadOnly(root, mounts)) return () => false;
  const device = statSync(root).dev;
  return (program, searchPath) => {
    try {
      const path = find(program, searchPath, device);
      return path !== null && startsByItself(realpathSync(path), device);
    } catch {
      // It may not be looked at, or has gone meanwhile: whoever starts it will see.
      return false;
    }
  };
}

function isReadOnly(root: string, mounts: string): boolean {
  const options = readFileSync(mounts, 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .findLast(([, where]) => where === root)?.[3];
  return options?.split(',').includes('ro') ?? false;
}

/** Where a shell finds it: the first that is there. @returns `null` when that one is not the image's, for everybody */
function find(program: string, searchPath: string, device: number): string | null {
  const isPath = program.includes('/');
  for (const folder of isPath ? [program] : searchPath.split(':')) {
    // What is relative depends on where the command is.
    if (!folder.startsWith('/')) return null;
    const place = isPath ? program : `${folder}/${program}`;
    const found = statSync(place, { throwIfNoEntry: false });
    if (found === undefined) continue;
    const isRunnable = found.isFile() && (found.mode & EXECUTABLE_BY_ALL) === EXECUTABLE_BY_ALL;
    return isRunnable && found.dev === device ? place : null;
  }
  return null;
}

function startsByItself(path: string, device: number): boolean {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (fstatSync(file).dev !== device) return false;
    const bytes = Buffer.alloc(BEGINNING_BYTES);
    const beginning = bytes.toString('latin1', 0, readSync(file, bytes));
    return BEGINNINGS.some((known) => beginning.startsWith(known));
  } finally {
    closeSync(file);
  }
}
