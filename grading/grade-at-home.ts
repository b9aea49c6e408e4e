import { createOutbound } from '@orca/outbound';
import { DEFAULT_LIMITS } from '@orca/protocol';
import { FETCH_TRIES } from './fetch-file-with-tries.ts';
import { type Graded, gradeJob, type JobToGrade, type RunEvent } from './grade-job.ts';
import type { Sandbox, SandboxEvent } from './sandbox/sandbox.ts';

/** What grading a job of one's own needs. */
export interface HomeDeps {
  readonly sandbox: Sandbox;
  /** The image of the job, which the engine has; of no meaning to a sandbox without containers. */
  readonly imageId: string;
  /** Where the folder of the job is made. */
  readonly jobsFolder: string;
  /** Whether a job that asks for the network gets it. */
  readonly allowNetwork: boolean;
  /** Told of each step, and of what it prints, as it happens. */
  readonly onEvent: (event: SandboxEvent) => void;
}

/**
 * Grades a job on the machine of whoever wrote it, without queue, database and client. Its files may be `file:` URLs; those
 * of http and https may lead to this machine too, but not to link-local addresses and the like.
 *
 * @returns as `gradeJob` does
 */
export function gradeAtHome(job: JobToGrade, deps: HomeDeps, signal: AbortSignal): Promise<Graded> {
  const policy = { production: false, allow: [], refusePrivate: false, alwaysRefuse: [] };
  const outbound = createOutbound({ policy, userAgent: 'Orca/0.1' });
  const { sandbox, jobsFolder, allowNetwork } = deps;
  const onEvent = (event: RunEvent): void => {
    if (event.kind !== 'stage_done') deps.onEvent(event);
  };
  const images = {
    ensure: async () => ({ kind: 'present', imageId: deps.imageId }) as const,
    isExpected: () => true,
    forget: () => undefined,
  };
  const fetch = { outbound, tries: FETCH_TRIES, cache: null, localFiles: 'allowed' } as const;
  const allowedLimits = DEFAULT_LIMITS;
  return gradeJob(job, { images, sandbox, fetch, jobsFolder, allowedLimits, allowNetwork, onEvent }, signal);
}
