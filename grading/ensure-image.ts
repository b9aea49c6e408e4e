import { createReadStream } from 'node:fs';
import { type Engine, inspectImage, loadImage, removeImage, tagImage } from '@orca/docker';
import { BaseMissingError, findBase } from './base-image.ts';
import { DamagedArchiveError, type DownloadTimes, downloadImage } from './download-image.ts';
import { type ImageEvent, type ImageRecord, type ImageSource, SourceAwayError } from './image-source.ts';
import { createLookAhead } from './look-ahead.ts';
import { createSingleFlight } from './single-flight.ts';

/** Whether a grader image is in the engine. */
export type EnsuredImage =
  | { readonly kind: 'present'; readonly imageId: string }
  /** It is not built, not any more, or came out damaged: no fault of anybody, and nothing that another attempt mends. */
  | { readonly kind: 'not_built' }
  /** Where it comes from cannot serve at the moment, or nobody has loaded the base image here: worth an attempt later, none now. */
  | { readonly kind: 'away'; readonly sentence: string; readonly cause: unknown }
  /** It could not be had: a fault of ours. */
  | { readonly kind: 'missing'; readonly sentence: string; readonly cause?: unknown };

/** What became of a prefetch. */
export type Prefetched = EnsuredImage | { readonly kind: 'gave_way' };

/** Where images come from, and where they go. */
export interface ImageDeps {
  readonly engine: Engine;
  readonly installationId: string;
  readonly source: ImageSource;
  /** For downloads, until they are loaded. */
  readonly folder: string;
  readonly times: DownloadTimes;
  readonly onEvent: (event: ImageEvent) => void;
  /** How long a base image that was found needs no second look, in milliseconds; has a default. */
  readonly baseKnownMs?: number;
}

/** The grader images of this machine, as far as a job needs them. */
export interface Images {
  /**
   * Sees to it that a grader image is in the engine: downloads, checks and loads it where it is not, once however many
   * jobs wait for it.
   *
   * @param sha SHA-256 of its Dockerfile
   * @throws {EngineError} when the engine does not answer as it should
   * @throws the signal's reason when it aborts; the download goes on while another job waits for it
   */
  ensure(sha: string, signal: AbortSignal): Promise<EnsuredImage>;
  /** Whether it was there when somebody last looked: most likely it is still. */
  isExpected(sha: string): boolean;
  /** Forgets that an image was there: it has been removed. */
  forget(sha: string): void;
}

/** The grader images of this machine. */
export interface EngineImages extends Images {
  /**
   * Fetches an image before a job needs it; call it for one after the other. Gives way to every download that a job waits
   * for: of the same image by becoming that one, of another by stopping.
   *
   * @throws like `ensure`
   */
  prefetch(sha: string, signal: AbortSignal): Promise<Prefetched>;
}

/** The base image is built anew now and then: jobs may run so long in the one before. To look for each job costs the engine. */
const BASE_KNOWN_MS = 2_000;
/** A look that no job waits for does not hold on to a database or an engine that is away. */
const LOOK_AHEAD_MS_MAX = 10_000;
/** What was rebuilt or pruned in the middle of a download is asked for once more. */
const TRIES = 2;
/** An engine that takes longer to load an image does not load it any more. */
const LOAD_MS_MAX = 300_000;

/** The name of an installation's grader image in an engine: only a hint, since names can be moved. */
export function imageReference(installationId: string, sha: string): string {
  return `orca-grader-${installationId}:${sha}`;
}

/** Opens the grader images of this machine. */
export function openImages(deps: ImageDeps): EngineImages {
  // What needs no second look, until when by `performance.now()`.
  const checked = new Map<string, { readonly imageId: string; readonly untilMs: number }>();
  const seen = new Set<string>();
  const downloads = new Set<string>();
  let prefetching: { readonly sha: string; readonly stop: AbortController } | null = null;
  const noteDownload = (sha: string): void => {
    downloads.add(sha);
    if (prefetching !== null && prefetching.sha !== sha) prefetching.stop.abort();
  };
  const provideOnce = createSingleFlight(async (sha: string, signal: AbortSignal) => {
    const onEvent = (event: ImageEvent): void => {
      if (event.kind === 'download_started') noteDownload(sha);
      deps.onEvent(event);
    };
    try {
      return await provide(sha, { ...deps, onEvent }, signal);
    } finally {
      downloads.delete(sha);
    }
  });
  const look = async (sha: string, signal: AbortSignal): Promise<EnsuredImage> => {
    const { image, knownMs } = await provideOnce(sha, signal);
    checked.delete(sha);
    if (image.kind === 'present') {
      seen.add(sha);
      checked.set(sha, { imageId: image.imageId, untilMs: performance.now() + knownMs });
      ahead.noteFound(sha, knownMs);
    } else seen.delete(sha);
    return image;
  };
  const ahead = createLookAhead((sha) => look(sha, AbortSignal.timeout(LOOK_AHEAD_MS_MAX)));
  const ensure = async (sha: string, signal: AbortSignal): Promise<EnsuredImage> => {
    ahead.noteAsked(sha);
    const known = checked.get(sha);
    if (known !== undefined && performance.now() < known.untilMs)
      return { kind: 'present', imageId: known.imageId };
    return await look(sha, signal);
  };
  return {
    ensure,
    isExpected: (sha) => seen.has(sha),
    async prefetch(sha, signal) {
      if (downloads.size > 0) return { kind: 'gave_way' };
      const stop = new AbortController();
      prefetching = { sha, stop };
      try {
        return await ensure(sha, AbortSignal.any([signal, stop.signal]));
      } catch (error) {
        if (stop.signal.aborted && !signal.aborted) return { kind: 'gave_way' };
        throw error;
      } finally {
        prefetching = null;
      }
    },
    forget(sha) {
      checked.delete(sha);
      seen.delete(sha);
    },
  };
}

/** `knownMs`: how long no second look is needed. An id stands for its contents; a name does not. */
type Provided = { readonly image: EnsuredImage; readonly knownMs: number };

async function provide(sha: string, deps: ImageDeps, signal: AbortSignal): Promise<Provided> {
  const causes: unknown[] = [];
  while (causes.length < TRIES) {
    const record = await deps.source.find(sha, signal);
    switch (record.kind) {
      case 'everywhere':
        return { image: await provideBase(deps), knownMs: deps.baseKnownMs ?? BASE_KNOWN_MS };
      case 'not_built':
      case 'absent':
        return { image: { kind: 'not_built' }, knownMs: 0 };
      case 'ready':
        break;
      default:
        return record satisfies never;
    }
    const present = await findPresent(sha, record, deps);
    if (present !== null)
      return { image: { kind: 'present', imageId: present }, knownMs: Number.POSITIVE_INFINITY };
    try {
      const imageId = await fetchImage(sha, record, deps, signal);
      return { image: { kind: 'present', imageId }, knownMs: Number.POSITIVE_INFINITY };
    } catch (error) {
      signal.throwIfAborted();
      deps.onEvent({ kind: 'failed', sha, cause: error });
      if (error instanceof SourceAwayError)
        return { image: { kind: 'away', sentence: error.message, cause: error }, knownMs: 0 };
      causes.push(error);
    }
  }
  if (await reportDamage(sha, causes, deps, signal)) return { image: { kind: 'not_built' }, knownMs: 0 };
  const cause = causes.at(-1);
  const sentence = cause instanceof Error ? cause.message : `Cannot fetch the grader image "${sha}"`;
  return { image: { kind: 'missing', sentence, cause }, knownMs: 0 };
}

/** Tells the source of an archive that came damaged in every try; returns whether it is built again. */
async function reportDamage(
  sha: string,
  causes: readonly unknown[],
  { source }: ImageDeps,
  signal: AbortSignal,
): Promise<boolean> {
  const damages = causes.filter((cause) => cause instanceof DamagedArchiveError);
  const [first] = damages;
  if (first === undefined || damages.length < causes.length) return false;
  // Another one by then: it was built again in the middle.
  if (!damages.every((damage) => Buffer.compare(damage.archiveSha256, first.archiveSha256) === 0))
    return false;
  return (await source.reportDamaged?.(sha, first.archiveSha256, signal)) ?? false;
}

async function provideBase({ engine }: ImageDeps): Promise<EnsuredImage> {
  try {
    return { kind: 'present', imageId: await findBase(engine) };
  } catch (cause) {
    if (!(cause instanceof BaseMissingError)) throw cause;
    return { kind: 'away', sentence: cause.message, cause };
  }
}

type Ready = Extract<ImageRecord, { kind: 'ready' }>;

/** The id of the image where the engine has it, as it was built. */
async function findPresent(
  sha: string,
  { image }: Ready,
  { engine, installationId }: ImageDeps,
): Promise<string | null> {
  const found = await inspectImage(engine, imageReference(installationId, sha));
  return found !== null && isSame(found.layers, image.layers) ? found.id : null;
}

async function fetchImage(
  sha: string,
  { image }: Ready,
  deps: ImageDeps,
  signal: AbortSignal,
): Promise<string> {
  const { engine, installationId } = deps;
  const startedAt = performance.now();
  deps.onEvent({ kind: 'download_started', sha, bytes: image.archiveBytes });
  await using archive = await downloadImage(deps.source, { sha, ...image }, deps, signal);
  const downloadedAt = performance.now();
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(LOAD_MS_MAX)]);
  const { ids } = await loadImage(engine, createReadStream(archive.path), inTime);
  for (const id of ids) {
    const loaded = await inspectImage(engine, id);
    if (loaded === null) continue;
    if (!isSame(loaded.layers, image.layers)) {
      // Nobody else may find it under a name; one that has a name was there before.
      if (loaded.tags.length === 0) await removeImage(engine, id);
      continue;
    }
    await tagImage(engine, loaded.id, imageReference(installationId, sha));
    const loadMs = performance.now() - downloadedAt;
    deps.onEvent({ kind: 'loaded', sha, downloadMs: downloadedAt - startedAt, loadMs });
    return loaded.id;
  }
  throw new Error(`Cannot use the archive of the grader image "${sha}": another image is in it`);
}

function isSame(layers: readonly string[], others: readonly string[]): boolean {
  return layers.length === others.length && layers.every((layer, index) => layer === others[index]);
}
