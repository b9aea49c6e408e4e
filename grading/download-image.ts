import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ImageSource } from './image-source.ts';

/** What an archive has to be. */
export interface ExpectedArchive {
  readonly sha: string;
  readonly archiveBytes: number;
  readonly archiveSha256: Uint8Array;
}

/** How long a download may take. */
export interface DownloadTimes {
  /** A server that has sent nothing for so long sends nothing any more. */
  readonly silenceMs: number;
  readonly totalMs: number;
}

/** An archive on the disk, checked; gone when it is disposed of. */
export interface DownloadedImage extends AsyncDisposable {
  readonly path: string;
}

/** An archive came in its full length, and is not the one that was built. */
export class DamagedArchiveError extends Error {
  override readonly name = 'DamagedArchiveError';
  /** The one it should have had. */
  readonly archiveSha256: Uint8Array;

  constructor({ sha, archiveSha256 }: ExpectedArchive) {
    super(sentence(sha, 'its SHA-256 is not the one of what was built'));
    this.archiveSha256 = archiveSha256;
  }
}

const PART_SUFFIX = '.part';

/**
 * Fetches an image's archive to the disk, and checks that it is all of it and nothing else.
 *
 * @param folder made when it is missing
 * @throws {DamagedArchiveError} when all of it came, and it is something else; nothing is left then
 * @throws {Error} that says what else is wrong; nothing is left then
 * @throws the signal's reason when it aborts
 */
export async function downloadImage(
  source: ImageSource,
  expected: ExpectedArchive,
  { folder, times }: { readonly folder: string; readonly times: DownloadTimes },
  signal: AbortSignal,
): Promise<DownloadedImage> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${expected.sha}-${randomUUID()}${PART_SUFFIX}`);
  using clock = startClock(times);
  const limited = AbortSignal.any([signal, clock.signal]);
  const hash = createHash('sha256');
  let bytes = 0;
  const check = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      clock.heard();
      hash.update(chunk);
      bytes += chunk.length;
      done(bytes > expected.archiveBytes ? problem(expected, 'it is longer than it should be') : null, chunk);
    },
  });
  try {
    const archive = await source.download(expected.sha, limited);
    await pipeline(archive, check, createWriteStream(path, { flags: 'wx', mode: 0o600 }), {
      signal: limited,
    });
    if (bytes < expected.archiveBytes)
      throw problem(expected, `it ended after ${bytes} of ${expected.archiveBytes} bytes`);
    if (!hash.digest().equals(expected.archiveSha256)) throw new DamagedArchiveError(expected);
  } catch (error) {
    await rm(path, { force: true });
    signal.throwIfAborted();
    throw clock.signal.aborted ? problem(expected, String(clock.signal.reason), error) : error;
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { force: true }) };
}

function problem({ sha }: ExpectedArchive, what: string, cause?: unknown): Error {
  return new Error(sentence(sha, what), { cause });
}

function sentence(sha: string, what: string): string {
  return `Cannot use the download of the grader image "${sha}": ${what}`;
}

interface Clock extends Disposable {
  /** Aborts with a text that says which time was up. */
  readonly signal: AbortSignal;
  heard(): void;
}

function startClock({ silenceMs, totalMs }: DownloadTimes): Clock {
  const over = new AbortController();
  const total = setTimeout(() => over.abort(`it took longer than ${totalMs / 1_000} s`), totalMs);
  const silence = setTimeout(() => over.abort(`nothing came for ${silenceMs / 1_000} s`), silenceMs);
  return {
    signal: over.signal,
    heard: () => void silence.refresh(),
    [Symbol.dispose]() {
      clearTimeout(total);
      clearTimeout(silence);
    },
  };
}
