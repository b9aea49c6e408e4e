import { type Engine, tryContainer } from '@orca/docker';
import { createOutbound, endpointOf, type Outbound } from '@orca/outbound';
import type { JobLimits } from '@orca/protocol';
import type { EngineRetention } from './choose-images.ts';
import { type EngineImages, openImages, type Prefetched } from './ensure-image.ts';
import { FETCH_TRIES } from './fetch-file-with-tries.ts';
import { openFileCache } from './file-cache.ts';
import { type GradeDeps, type Graded, gradeJob, type JobToGrade, type RunEvent } from './grade-job.ts';
import type { ImageEvent, ImageSource } from './image-source.ts';
import { INSTALLATION_LABEL, WORKER_LABEL } from './sandbox/remove-orphans.ts';
import type { KnownContainer, Sandbox } from './sandbox/sandbox.ts';
import { CACHE_LIMITS, type CacheLimits, sweepFileCache } from './sweep-file-cache.ts';
import { type ImageSweepDeps, sweepImages } from './sweep-images.ts';

/** Which addresses files may be fetched from, as the operator's settings say. */
export interface FetchAddresses {
  readonly production: boolean;
  /** Hosts, addresses and ranges that may be spoken to whatever they are. */
  readonly allow: readonly string[];
  readonly refusePrivate: boolean;
  /** Where Orca itself connects to, such as its database: never fetched from. */
  readonly own: readonly { readonly url: string; readonly defaultPort: number }[];
  /** More of that kind, which only the operator knows of: `host` or `host:port` each. */
  readonly ownHosts: readonly string[];
}

/** Where grader images come from, and how long they are kept. */
export interface ImageSetup {
  readonly source: ImageSource;
  /** Of this worker alone: downloads lie there until they are loaded. */
  readonly folder: string;
  /** The longest that one download may take, in milliseconds. */
  readonly totalMs: number;
  readonly retention: EngineRetention;
  readonly lastUses: ImageSweepDeps['lastUses'];
  readonly needed: ImageSweepDeps['needed'];
  readonly onEvent: (event: ImageEvent) => void;
  /** How long a base image that was found needs no second look, in milliseconds; has a default. */
  readonly baseKnownMs?: number;
}

/** How grading is set up on this machine. */
export interface GradingSetup {
  /** `null` where jobs run without containers: then no job has an image. */
  readonly engine: Engine | null;
  readonly installationId: string;
  readonly sandbox: Sandbox;
  readonly images: ImageSetup;
  /** Where the file cache lies; several workers may share it. */
  readonly cacheFolder: string;
  /** Of this worker alone: the folders of its jobs are made there. */
  readonly jobsFolder: string;
  readonly addresses: FetchAddresses;
  /** The longest that one try to fetch a file may take, in milliseconds. */
  readonly fileTotalMs: number;
  readonly allowedLimits: JobLimits;
  /** Whether a job that asks for the network gets it. */
  readonly allowNetwork: boolean;
}

/** Grading on this machine, and the housekeeping that goes with it. */
export interface Grading {
  /**
   * Grades one job, as {@link gradeJob} does.
   *
   * @param onEvent told of each stage that is done, of the container, before it is made, and of each step
   */
  grade(job: JobToGrade, onEvent: (event: RunEvent) => void, signal: AbortSignal): Promise<Graded>;
  /** Gives up the containers that were started ahead of jobs; others are when jobs come. */
  rest(): void;
  /**
   * Removes containers that earlier runs left; those of running jobs of this process are spared.
   *
   * @returns how many were removed
   */
  removeOrphans(isAlive: (container: KnownContainer) => boolean | Promise<boolean>): Promise<number>;
  /**
   * Has the engine make, start and remove a container with nothing in it, if there is an engine.
   *
   * @param workerId whose container it is: one that comes too late is an orphan
   * @throws {EngineError} when it does not answer in time
   * @throws the signal's reason when it aborts
   */
  tryContainer(workerId: string, signal: AbortSignal): Promise<void>;
  /**
   * Brings the file cache down to its size.
   *
   * @param what `all`: empties it, since room is needed
   */
  sweepCache(what?: 'all'): Promise<void>;
  /**
   * Fetches a grader image before a job needs it; call it for one after the other. Gives way to the downloads of jobs.
   *
   * @throws {EngineError} when the engine does not answer as it should
   * @throws the signal's reason when it aborts
   */
  prefetchImage(sha: string, signal: AbortSignal): Promise<Prefetched>;
  /**
   * Removes grader images from the engine.
   *
   * @param what `unused`: those that were not used for long, or are too much; `all`: every one that no container uses and
   *   no job needs, since room is needed
   * @param signal once it has aborted, no further one is removed
   * @returns the SHA-256s of their Dockerfiles, and how many were unnamed
   */
  sweepImages(what: 'all' | 'unused', signal: AbortSignal): Promise<{ removed: string[]; strays: number }>;
}

/** The names of the images that engines are tried with. */
const PROBE_REPOSITORY = 'orca-engine-probe';

/** Of a machine without an engine. */
const NO_IMAGES: EngineImages = {
  ensure: async () => ({ kind: 'present', imageId: '' }),
  prefetch: async () => ({ kind: 'present', imageId: '' }),
  isExpected: () => true,
  forget: () => undefined,
};

/** While room is needed. */
const NOTHING_KEPT: EngineRetention = { keepSeconds: 0, bytesMax: 0 };
const EMPTY: CacheLimits = { bytesMax: 0, copiesMax: 0 };

/** The image builder on the same engine removes them sooner; it knows how long a build takes, a day at most. */
const STRAY_MS = 2 * 86_400_000;
/** A server that has sent nothing of an image for so long sends nothing any more. */
const IMAGE_SILENCE_MS = 30_000;

/**
 * Puts together what grading needs.
 *
 * @throws {TypeError} naming the entry of the addresses that cannot be read
 * @throws {Error} with the system's code when the cache folder cannot be made
 */
export async function openGrading(setup: GradingSetup): Promise<Grading> {
  const { engine, sandbox, jobsFolder, allowedLimits, allowNetwork } = setup;
  const cache = await openFileCache(setup.cacheFolder);
  const tries = { ...FETCH_TRIES, totalMs: setup.fileTotalMs };
  const fetch = { outbound: openOutbound(setup.addresses), tries, cache };
  const { installationId } = setup;
  const { totalMs, retention, lastUses, needed, ...fetching } = setup.images;
  const times = { silenceMs: IMAGE_SILENCE_MS, totalMs };
  const images = engine === null ? NO_IMAGES : openImages({ engine, installationId, times, ...fetching });
  const deps: GradeDeps = { images, sandbox, fetch, jobsFolder, allowedLimits, allowNetwork };
  return {
    grade: (job, onEvent, signal) => gradeJob(job, { ...deps, onEvent }, signal),
    rest: () => sandbox.rest(),
    removeOrphans: (isAlive) => sandbox.removeOrphans(isAlive),
    async tryContainer(workerId, signal) {
      if (engine === null) return;
      const labels = { [INSTALLATION_LABEL]: installationId, [WORKER_LABEL]: workerId };
      await tryContainer(engine, { image: `${PROBE_REPOSITORY}:${workerId}`, labels }, signal);
    },
    async sweepCache(what) {
      if (cache !== null) await sweepFileCache(cache, what === 'all' ? EMPTY : CACHE_LIMITS);
    },
    prefetchImage: (sha, signal) => images.prefetch(sha, signal),
    async sweepImages(what, signal) {
      if (engine === null) return { removed: [], strays: 0 };
      // What was started ahead holds on to its image.
      if (what === 'all') sandbox.rest();
      const kept = what === 'all' ? NOTHING_KEPT : retention;
      const sweepDeps = { engine, installationId, retention: kept, strayMs: STRAY_MS, lastUses, needed };
      const swept = await sweepImages(sweepDeps, signal);
      for (const sha of swept.removed) images.forget(sha);
      return swept;
    },
  };
}

function openOutbound({ production, allow, refusePrivate, own, ownHosts }: FetchAddresses): Outbound {
  const connected = own.flatMap(({ url, defaultPort }) => endpointOf(url, defaultPort));
  const alwaysRefuse = [...connected, ...ownHosts];
  return createOutbound({
    policy: { production, allow, refusePrivate, alwaysRefuse },
    userAgent: 'Orca/0.1',
  });
}
