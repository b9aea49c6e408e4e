import { copyFileSync, mkdirSync } from 'node:fs';
import { FRAME, type PlanFile, type SandboxPlan } from '@orca/protocol/sandbox-plan';
import type { ByteReader } from '../byte-reader.ts';
import { readFrameHeader } from '../frames.ts';
import { ArchiveError } from './archive-error.ts';
import { copyHome } from './copy-home.ts';
import { type Budget, createBudget, createExtraction, tooLarge, writeFile } from './extraction.ts';
import { hasErrorCode } from './local-errors.ts';
import { replacePathsBelow } from './replace-paths.ts';
import { unpackGzip } from './unpack-gzip.ts';
import { unpackSevenZip } from './unpack-seven-zip.ts';
import { unpackTar } from './unpack-tar.ts';
import { unpackZip } from './unpack-zip.ts';

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
export async function placeFiles(plan: SandboxPlan, frames: ByteReader): Promise<Placement> {
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
    const refusal = isFull ? tooLarge(plan.limits.diskBytes) : error;
    if (!(refusal instanceof ArchiveError)) throw error;
    return current === null
      ? { kind: 'disk' }
      : { kind: 'refused', file: current.name, sentence: refusal.message };
  }
}

async function receiveFile(
  file: PlanFile,
  plan: SandboxPlan,
  frames: ByteReader,
  budget: Budget,
): Promise<void> {
  const { type, length } = await readFrameHeader(frames);
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
  const extraction = createExtraction(root, budget);
  switch (file.format) {
    case 'zip':
      await unpackZip(source, extraction);
      break;
    case 'tar':
      await unpackTar(source, 'none', extraction);
      break;
    case 'tar.gz':
      await unpackTar(source, 'gzip', extraction);
      break;
    case 'gz':
      await unpackGzip(source, file.fileName, extraction);
      break;
    case '7z':
      await unpackSevenZip(source, root, budget);
      break;
    case 'copy':
      budget.takeEntry();
      budget.takeBytes(file.bytes);
      copyFileSync(source, `${root}/${file.fileName}`);
      break;
    default:
      file.format satisfies never;
  }
  if (file.replacePaths) replacePathsBelow(root, plan.folders, `${plan.home.path}.replacing`);
}
