import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A file that the image builder leaves in the store: where it is missing, the disk of the store is not mounted. */
export const STORE_MARKER = 'orca-image-store';

/** What is wrong with a store without its marker, for anybody to read. */
export const STORE_NOT_MOUNTED =
  'the folder of saved images is empty: the disk that they lie on is not mounted';

const MARKER_TEXT = `The grader images of Orca lie here. Without this file Orca takes it that the disk which they lie on is not mounted.\n`;

/** Whether a folder is the store that an image builder has written to. */
export async function isMarkedStore(folder: string): Promise<boolean> {
  return access(join(folder, STORE_MARKER)).then(
    () => true,
    () => false,
  );
}

/** Marks a folder as the store. */
export async function markStore(folder: string): Promise<void> {
  await writeFile(join(folder, STORE_MARKER), MARKER_TEXT);
}
