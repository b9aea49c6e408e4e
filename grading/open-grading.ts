import type { Engine } from '@orca/docker';
import { createOutbound, endpointOf, type Outbound } from '@orca/outbound';
import type { JobLimits } from '@orca/protocol';
import { FETCH_TRIES } from './fetch-file-with-tries.ts';
import { openFileCache } from './file-cache.ts';
import { type GradeDeps, type Graded, gradeJob, type JobToGrade } from './grade-job.ts';
import type { KnownContainer, Sandbox, SandboxEvent } from './sandbox/sandbox.ts';
import { sweepFileCache } from './sweep-file-cache.ts';

/** Which addresses files may be fetched from, as the operator's settings say. */
export interface FetchAddresses {
  readonly production: boolean;
  /** Hosts, addresses and ranges that may be spoken to whatever they are. */
  readonly allow: readonly string[];
  readonly refusePrivate: boolean;
  /** Where Orca itself connects to, such as its database: never fetched from. */
  readonly own: readonly { readonly url: string; readonly defaultPort: number }[];
}

/** How grading is set up on this machine. */
export interface GradingSetup {
  readonly engine: Engine;
  readonly sandbox: Sandbox;
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
   * @param onEvent told of the container, before it is made, and of each step
   */
  grade(job: JobToGrade, onEvent: (event: SandboxEvent) => void, signal: AbortSignal): Promise<Graded>;
  /**
   * Removes containers that earlier runs left; those of running jobs of this process are spared.
   *
   * @returns how many were removed
   */
  removeOrphans(isAlive: (container: KnownContainer) => boolean): Promise<number>;
  /** Brings the file cache down to its size. */
  sweepCache(): Promise<void>;
}

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
  const deps: GradeDeps = { engine, sandbox, fetch, jobsFolder, allowedLimits, allowNetwork };
  return {
    grade: (job, onEvent, signal) => gradeJob(job, { ...deps, onEvent }, signal),
    removeOrphans: (isAlive) => sandbox.removeOrphans(isAlive),
    async sweepCache() {
      if (cache !== null) await sweepFileCache(cache);
    },
  };
}

function openOutbound({ production, allow, refusePrivate, own }: FetchAddresses): Outbound {
  const alwaysRefuse = own.flatMap(({ url, defaultPort }) => endpointOf(url, defaultPort));
  return createOutbound({
    policy: { production, allow, refusePrivate, alwaysRefuse },
    userAgent: 'Orca/0.1',
  });
}
