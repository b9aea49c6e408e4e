import { copyFileSync, mkdirSync } from 'node:fs';
import { type FileFormat, FRAME, type PlanFile, type SandboxPlan } from '@orca/protocol/sandbox-plan';
import type { DescriptorReader } from '../read-descriptor.ts';
import { ArchiveError } from './archive-error.ts';
import { catchStrayErrors } from './catch-stray-errors.ts';
import { copyHome } from './copy-home.ts';
import { type Budget, createBudget, createExtraction, tooLarge, writeFile } from './extraction.ts';
import { hasErrorCode } from './local-errors.ts';
import { replacePathsBelow } from './replace-paths.ts';

/** What became of a job's files. */
export type Placement =
  | { readonly kind: 'placed' }
  | { readonly kind: 'refused'; readonly file: string; readonly sentence: string }
  /** The disk was full before any archive was to blame. */
  | { readonly kind: 'disk' };

/**
 * Makes the folders of a job and fills them: the home from the image, `$DOWNLOADED` with the bytes that follow the plan,
 * `$EXTRACTED` with what is in them. Runs as the commands' user.
 *
 * @param frames the files' frames, in the plan's order
 * @returns how it went; after anything but `placed` the folders are of no use
 */
export async function placeFiles(plan: SandboxPlan, frames: DescriptorReader): Promise<Placement> {
  let current: PlanFile | null = null;
  try {
    for (const folder of [...Object.values(plan.folders), plan.home.path]) mkdirSync(folder);
    if (plan.home.template !== null) copyHome(plan.home.template, plan.home.path);
    const budget = createBudget({ bytes: plan.limits.diskBytes, entries: plan.limits.entries });
    for (const file of plan.files) await receiveFile(file, plan, frames, budget);
    for (const file of plan.files) {
      current = file;
      await extractFile(file, plan, budget);
    }
    return { kind: 'placed' };
  } catch (error) {
    const isFull = hasErrorCode(error, 'ENOSPC', 'EFBIG');
    if (isFull && current === null) return { kind: 'disk' };
    const refusal = isFull ? tooLarge(plan.limits.diskBytes) : current === null ? error : blameArchive(error);
    if (!(refusal instanceof ArchiveError)) throw error;
    return current === null
      ? { kind: 'disk' }
      : { kind: 'refused', file: current.name, sentence: refusal.message };
  }
}

/** What a file system does not take of an archive's paths and links is never our fault, however they passed the checks. */
const NO_SUCH_PATH = ['ENAMETOOLONG', 'ELOOP', 'ENOENT', 'ENOTDIR', 'EEXIST', 'EINVAL', 'EILSEQ'] as const;

function blameArchive(error: unknown): unknown {
  if (!hasErrorCode(error, ...NO_SUCH_PATH)) return error;
  return new ArchiveError('a path or a link in archive is too long, or leads nowhere', { cause: error });
}

async function receiveFile(
  file: PlanFile,
  plan: SandboxPlan,
  frames: DescriptorReader,
  budget: Budget,
): Promise<void> {
  const { type, length } = frames.readFrameHeader();
  if (type !== FRAME.file || length !== file.bytes) {
    throw new Error(`Cannot place "${file.name}": the plan says ${file.bytes} bytes, the frame ${length}`);
  }
  const folder = `${plan.folders.downloaded}/${file.name}`;
  mkdirSync(folder);
  await writeFile(`${folder}/${file.fileName}`, 0o644, frames.readThrough(length), budget);
}

async function extractFile(file: PlanFile, plan: SandboxPlan, budget: Budget): Promise<void> {
  const source = `${plan.folders.downloaded}/${file.name}/${file.fileName}`;
  const root = `${plan.folders.extracted}/${file.name}`;
  mkdirSync(root);
  if (file.format === 'copy') {
    budget.takeEntry(file.fileName);
    budget.takeBytes(file.bytes);
    copyFileSync(source, `${root}/${file.fileName}`);
  } else {
    const { format, fileName } = file;
    await catchStrayErrors(() => unpack(format, { source, fileName, root, budget }));
  }
  if (file.replacePaths) replacePathsBelow(root, plan.folders, `${plan.home.path}.replacing`);
}

/** Loads what unpacks a format only where there is such a file: a job has one format or two, and each library takes its time. */
async function unpack(
  format: Exclude<FileFormat, 'copy'>,
  archive: {
    readonly source: string;
    readonly fileName: string;
    readonly root: string;
    readonly budget: Budget;
  },
): Promise<void> {
  const { source, fileName, root, budget } = archive;
  const extraction = createExtraction(root, budget);
  switch (format) {
    case 'zip':
      return (await import('./unpack-zip.ts')).unpackZip(source, extraction);
    case 'tar':
      return (await import('./unpack-tar.ts')).unpackTar(source, 'none', extraction);
    case 'tar.gz':
      return (await import('./unpack-tar.ts')).unpackTar(source, 'gzip', extraction);
    case 'gz':
      return (await import('./unpack-gzip.ts')).unpackGzip(source, fileName, extraction);
    case '7z':
      return (await import('./unpack-seven-zip.ts')).unpackSevenZip(source, root, budget);
    default:
      format satisfies never;
  }
}
