import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { FetchOutcome, Outbound } from '@orca/outbound';
import type { GradingJobConfig, JobFile } from '@orca/protocol';
import { chooseFileName } from './choose-file-name.ts';
import { type FetchTries, fetchFileWithTries } from './fetch-file-with-tries.ts';
import { fetchFirst } from './first-fetch.ts';
import { type FileCache, keepCopy, type TakenCopy, takeCopy } from './file-cache.ts';
import { formatOfMimeType } from './format-of-mime-type.ts';
import { findLocalFile, isLocalUrl } from './local-file.ts';
import type { SandboxFile } from './sandbox/sandbox.ts';

const MIB = 1024 * 1024;

/** Most MiB of one file, and of all files of a job. */
export const FILE_MIB_MAX = 128;
export const JOB_FILES_MIB_MAX = 256;

// What lies on the disk can be more than a job may have by this many files at most.
const FETCHES_AT_ONCE = 8;

/** What became of a job's files. Sentences name a file by its key in `files`, never by its URL. */
export type FetchedFiles =
  /** `cached`: how many of them are kept copies that were still right. */
  | { kind: 'fetched'; files: SandboxFile[]; cached: number }
  /** Final: the job cannot have these files, as often as it asks. */
  | { kind: 'refused'; sentences: string[] }
  /** A server did not answer as it should, three times: worth another attempt of the job. */
  | { kind: 'failed'; sentence: string };

/** What fetching needs. */
export interface FetchDeps {
  readonly outbound: Outbound;
  readonly tries: FetchTries;
  readonly cache: FileCache | null;
  /** Whether a `file:` URL names a file of this machine: never in a service. */
  readonly localFiles?: 'allowed';
}

type Problem = Exclude<FetchedFiles, { kind: 'fetched' }>;

/**
 * Fetches the files of a job in parallel into a folder, each under a name of ours. The first file that cannot be had
 * ends the others.
 *
 * @param files `files` of the job: name → where it is
 * @param folder an empty folder of the job's own
 * @returns the files in the job's order, or what stands in the way
 * @throws {StoreFileError} `cannot_store_file` when the local disk does not take them
 * @throws the signal's reason when it aborts
 */
export async function fetchFiles(
  files: GradingJobConfig['files'],
  folder: string,
  deps: FetchDeps,
  signal: AbortSignal,
): Promise<FetchedFiles> {
  const enough = new AbortController();
  const either = AbortSignal.any([signal, enough.signal]);
  const waiting = Object.entries(files).map(([name, file], index) => ({ name, file, index }));
  const fetched: SandboxFile[] = [];
  let cached = 0;
  let problem: Problem | null = null;
  const runLane = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined && !either.aborted; next = waiting.shift()) {
      const outcome = await fetchOne(next, join(folder, String(next.index)), deps, either);
      if (outcome.kind === 'fetched') {
        fetched.push(outcome.file);
        if (outcome.isCached) cached += 1;
      }
      problem ??= outcome.kind === 'fetched' ? findExcess(fetched) : outcome;
      if (problem !== null) enough.abort();
    }
  };
  // The first: what the others throw then is that they were stopped.
  const errors: unknown[] = [];
  const stopOthers = (error: unknown): void => {
    errors.push(error);
    enough.abort();
  };
  // All lanes end before the caller removes the folder, also when one has thrown.
  await Promise.all(Array.from({ length: FETCHES_AT_ONCE }, () => runLane().catch(stopOthers)));
  signal.throwIfAborted();
  if (problem !== null) return problem;
  if (errors.length > 0) throw errors[0];
  const order = Object.keys(files);
  fetched.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  return { kind: 'fetched', files: fetched, cached };
}

function findExcess(files: readonly SandboxFile[]): Problem | null {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (bytes <= JOB_FILES_MIB_MAX * MIB) return null;
  const sentences = [`Cannot fetch the files: they are larger than ${JOB_FILES_MIB_MAX} MiB together`];
  return { kind: 'refused', sentences };
}

type FetchedFile = { kind: 'fetched'; file: SandboxFile; isCached: boolean };

async function fetchOne(
  { name, file }: { name: string; file: JobFile },
  path: string,
  deps: FetchDeps,
  signal: AbortSignal,
): Promise<FetchedFile | Problem> {
  if (deps.localFiles === 'allowed' && isLocalUrl(file.url)) return takeLocalFile(name, file);
  const { cache } = deps;
  const load = (taken: TakenCopy | null) => loadFile({ file, path, taken }, deps, signal);
  const loading =
    cache === null
      ? load(null)
      : fetchFirst(file.url, { take: () => takeCopy(cache, file.url, path), load }, cache.firsts, signal);
  const { outcome, bytes } = await loading;
  if (bytes === null) return explain(name, outcome);
  const isCached = outcome.kind === 'not_modified';
  return { kind: 'fetched', file: describeFile(name, file, { path, bytes }), isCached };
}

/** `bytes`: of the file that now is where it belongs, `null` when none is; `isKept` when the cache has it as well. */
type Loaded = { outcome: FetchOutcome; bytes: number | null; isKept: boolean };

/** Fetches a file, or asks whether the copy that was taken is still right. */
async function loadFile(
  { file, path, taken }: { readonly file: JobFile; readonly path: string; readonly taken: TakenCopy | null },
  deps: FetchDeps,
  signal: AbortSignal,
): Promise<Loaded> {
  // Never straight to `path`: that may be the very copy in the cache, under another name.
  const toPath = `${path}.part`;
  const headers = taken?.conditions ?? {};
  const fetch = { url: file.url, toPath, bytesMax: FILE_MIB_MAX * MIB, headers };
  const outcome = await fetchFileWithTries(fetch, deps, signal);
  const bytes = bytesOf(outcome, taken);
  if (outcome.kind !== 'fetched') return { outcome, bytes, isKept: false };
  await rename(toPath, path);
  const isKept = deps.cache !== null && (await keepCopy(deps.cache, file.url, { ...outcome, path }));
  return { outcome, bytes, isKept };
}

/** A file of this machine is read where it lies. */
async function takeLocalFile(name: string, file: JobFile): Promise<FetchedFile | Problem> {
  const found = await findLocalFile(file.url);
  if (found.kind === 'none')
    return { kind: 'refused', sentences: [`Cannot read the file "${name}": ${found.sentence}`] };
  if (found.bytes > FILE_MIB_MAX * MIB) return explain(name, { kind: 'too_large' });
  return { kind: 'fetched', file: describeFile(name, file, found), isCached: false };
}

function describeFile(
  name: string,
  file: JobFile,
  { path, bytes }: { readonly path: string; readonly bytes: number },
): SandboxFile {
  const fileName = chooseFileName(file.url);
  const format = formatOfMimeType(file.mime_type);
  return { name, fileName, path, bytes, format, replacePaths: file.should_replace_paths };
}

/** The size of the file that now is where it belongs; `null` when none is. */
function bytesOf(outcome: FetchOutcome, taken: TakenCopy | null): number | null {
  if (outcome.kind === 'fetched') return outcome.bytes;
  return outcome.kind === 'not_modified' ? (taken?.bytes ?? null) : null;
}

function explain(name: string, outcome: FetchOutcome): Problem {
  const sentence = (fact: string): string => `Cannot fetch the file "${name}": ${fact}`;
  switch (outcome.kind) {
    case 'refused':
      return { kind: 'refused', sentences: [sentence(outcome.sentence)] };
    case 'too_large':
      return { kind: 'refused', sentences: [sentence(`it is larger than ${FILE_MIB_MAX} MiB`)] };
    case 'failed':
      return { kind: 'failed', sentence: sentence(outcome.sentence) };
    case 'fetched':
    case 'not_modified':
      // A 304 to a request that asked for the file itself.
      return { kind: 'failed', sentence: sentence('the server answered 304 without being asked') };
    default:
      return outcome satisfies never;
  }
}
