import { join } from 'node:path';
import type { Engine } from '@orca/docker';
import { type AddressPolicy, createOutbound } from '@orca/outbound';
import type { JobLimits } from '@orca/protocol';
import { FETCH_TRIES } from './fetch-file-with-tries.ts';
import { openFileCache } from './file-cache.ts';
import type { GradeDeps } from './grade-job.ts';
import type { Sandbox } from './sandbox/sandbox.ts';
import { sweepFileCache } from './sweep-file-cache.ts';

/** How grading is set up on this machine. */
export interface GradingSetup {
  readonly engine: Engine;
  readonly sandbox: Sandbox;
  /** Of this installation on this machine: the file cache lies there. */
  readonly folder: string;
  /** Of this worker alone: the folders of its jobs are made there. */
  readonly jobsFolder: string;
  /** Which addresses files may be fetched from. */
  readonly addressPolicy: AddressPolicy;
  /** The longest that one try to fetch a file may take, in milliseconds. */
  readonly fileTotalMs: number;
  readonly allowedLimits: JobLimits;
  readonly allowNetwork: boolean;
}

/** Everything that `gradeJob` needs, and the housekeeping that goes with it. */
export interface Grading {
  readonly deps: GradeDeps;
  /** Brings the file cache down to its size; call it now and then. */
  sweep(): Promise<void>;
}

/**
 * Puts together what grading needs.
 *
 * @throws {TypeError} naming the entry of the address policy that cannot be read
 * @throws {Error} with the system's code when the folder cannot be made
 */
export async function openGrading(setup: GradingSetup): Promise<Grading> {
  const cache = await openFileCache(join(setup.folder, 'cache'));
  const outbound = createOutbound({ policy: setup.addressPolicy, userAgent: 'orca-worker' });
  const tries = { ...FETCH_TRIES, totalMs: setup.fileTotalMs };
  const { engine, sandbox, jobsFolder, allowedLimits, allowNetwork } = setup;
  return {
    deps: { engine, sandbox, fetch: { outbound, tries, cache }, jobsFolder, allowedLimits, allowNetwork },
    async sweep() {
      if (cache !== null) await sweepFileCache(cache);
    },
  };
}
