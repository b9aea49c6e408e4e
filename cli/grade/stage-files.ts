import { mkdir, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { GradingJobConfig } from '@orca/protocol';
import { packPath } from '../demo/pack-folder.ts';

/** A job whose local files are all there, as files. */
export interface StagedJob {
  readonly job: GradingJobConfig;
  /** What its files are made of: files, and folders that were packed. */
  readonly sources: readonly string[];
}

const ARCHIVE_ENDINGS = /\.(zip|tar|tar\.gz|tgz)$/;

/**
 * Packs what is not packed yet: where `tests.zip` is no file but `tests` is a folder, its content is packed so, as a
 * course site would. What is neither stays as it is, for grading to complain about.
 *
 * @param folder takes the packed files
 */
export async function stageFiles(job: GradingJobConfig, folder: string): Promise<StagedJob> {
  const sources: string[] = [];
  const files: [string, GradingJobConfig['files'][string]][] = [];
  for (const [name, file] of Object.entries(job.files)) {
    const path = file.url.startsWith('file:') ? fileURLToPath(file.url) : null;
    const packed = path === null || (await isFile(path)) ? null : await packBeside(path, join(folder, name));
    if (path !== null) sources.push(packed === null ? path : path.replace(ARCHIVE_ENDINGS, ''));
    files.push([name, packed === null ? file : { ...file, url: packed }]);
  }
  return { job: { ...job, files: Object.fromEntries(files) }, sources };
}

/** @returns the URL of the archive; `null` where there is no folder to pack */
async function packBeside(path: string, target: string): Promise<string | null> {
  const bytes = await packPath(dirname(path), basename(path));
  if (bytes === null) return null;
  // In a folder of its own, so that it keeps its name.
  await mkdir(target, { recursive: true });
  const packed = join(target, basename(path));
  await writeFile(packed, bytes);
  return pathToFileURL(packed).href;
}

function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}
